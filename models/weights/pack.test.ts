import { expect, test } from 'vitest';
import type { Initializer, InitializerSource } from '../onnx/types.ts';
import { fromFloat16, toFloat16 } from './float16.ts';
import { graphOf, initializer } from './graph.fixture.ts';
import { MemorySource } from './memory-source.fixture.ts';
import { openFile } from './open-checkpoint.ts';
import { writePacked } from './pack.ts';
import { placeWeights } from './place.ts';
import { standInWeight, writeStandIn } from './stand-in.ts';

const shapes = { 'fc.weight': [6, 40], 'fc.bias': [6], 'huge.weight': [1100, 1100] };

async function standIn() {
	const chunks: Uint8Array[] = [];
	await writeStandIn(shapes, {}, (chunk) => void chunks.push(chunk));
	const source = new MemorySource('model.safetensors', Buffer.concat(chunks));
	return { source, checkpoint: await openFile(source) };
}

/** Writes the packed file of some initializers; gives the bytes of each, and the longest read and write. */
async function pack(...initializers: Initializer[]) {
	const { source, checkpoint } = await standIn();
	const plan = placeWeights([graphOf(...initializers)], checkpoint);
	const chunks: Uint8Array[] = [];
	const progress: number[] = [];
	source.longestRead = 0;
	await writePacked(plan, checkpoint, (chunk) => void chunks.push(chunk), {
		progress: (done) => progress.push(done)
	});
	const file = Buffer.concat(chunks);
	expect(file).toHaveLength(plan.bytes);
	expect(progress.at(-1)).toBe(plan.bytes);
	const contents = initializers.map((one) => {
		const { offset, bytes } = plan.placementOf(one);
		return new Uint8Array(file.subarray(offset, offset + bytes));
	});
	const longest = Math.max(source.longestRead, ...chunks.map((chunk) => chunk.length));
	return { contents, longest };
}

test('converted and derived tensors lie where the plan says', async () => {
	const product: InitializerSource = {
		...{ kind: 'derived', key: 'product', tensors: ['fc.weight', 'fc.bias'] },
		derive: ([weight, bias]) => weight!.map((value, i) => value * bias![Math.floor(i / 40)]!)
	};
	const { contents } = await pack(
		initializer('float16', [6], { kind: 'tensor', tensor: 'fc.bias' }),
		initializer('float32', [6, 40], product),
		initializer('float16', [6, 40], product)
	);
	const bias = standInWeight('fc.bias', [6]);
	const weight = standInWeight('fc.weight', [6, 40]);
	const expected = weight.map((value, i) => value * bias[Math.floor(i / 40)]!);
	expect(new Uint16Array(contents[0]!.buffer)).toEqual(toFloat16(bias));
	expect(new Float32Array(contents[1]!.buffer)).toEqual(expected);
	expect(new Uint16Array(contents[2]!.buffer)).toEqual(toFloat16(expected));
});

test('a large tensor goes through in parts, and arrives whole', async () => {
	const { contents, longest } = await pack(
		initializer('float16', [1100, 1100], { kind: 'tensor', tensor: 'huge.weight' })
	);
	expect(longest).toBeLessThanOrEqual(4 << 20);
	const values = standInWeight('huge.weight', [1100, 1100]);
	expect(Buffer.from(toFloat16(values).buffer).equals(contents[0]!)).toBe(true);
});

test('a large matrix is quantised in parts', async () => {
	const blocks = { kind: 'blocks', tensor: 'huge.weight', blockSize: 32 } as const;
	const { contents, longest } = await pack(
		initializer('uint8', [1100, 35, 16], { ...blocks, part: 'codes' }),
		initializer('float16', [1100, 35], { ...blocks, part: 'scales' })
	);
	expect(longest).toBeLessThanOrEqual(4 << 20);
	const [codes, scales] = [contents[0]!, fromFloat16(new Uint16Array(contents[1]!.buffer))];
	const values = standInWeight('huge.weight', [1100, 1100]);
	let worst = 0;
	for (let i = 0; i < values.length; i += 7) {
		const [row, column] = [Math.floor(i / 1100), i % 1100];
		const code = (codes[row * 560 + (column >> 1)]! >> (4 * (column & 1))) & 15;
		const scale = scales[row * 35 + Math.floor(column / 32)]!;
		worst = Math.max(worst, Math.abs((code - 8) * scale - values[i]!) / Math.abs(scale));
	}
	expect(worst).toBeLessThanOrEqual(1.01);
});

test('a derived tensor of another length than the graph says is a defect', async () => {
	const wrong: InitializerSource = {
		...{ kind: 'derived', key: 'wrong', tensors: ['fc.bias'], derive: () => new Float32Array(5) }
	};
	await expect(pack(initializer('float32', [6], wrong))).rejects.toThrow('wrong: 20 bytes, not 24');
});

test('packing can be aborted', async () => {
	const { checkpoint } = await standIn();
	const huge = initializer('float16', [1100, 1100], { kind: 'tensor', tensor: 'huge.weight' });
	const plan = placeWeights([graphOf(huge)], checkpoint);
	const abort = new AbortController();
	let chunks = 0;
	const writing = writePacked(plan, checkpoint, () => void (++chunks === 1 && abort.abort()), {
		signal: abort.signal
	});
	await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
	expect(chunks).toBe(1);
});
