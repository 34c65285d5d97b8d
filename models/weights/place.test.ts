import { expect, test } from 'vitest';
import type { GraphNode, Initializer, InitializerSource } from '../onnx/types.ts';
import type { Checkpoint, StoredTensor, StoredType } from './checkpoint.ts';
import { storedBytes, elementsOf } from './checkpoint.ts';
import { graphOf, initializer } from './graph.fixture.ts';
import { packedStem, placeWeights } from './place.ts';

/** A checkpoint of which only the header matters. */
function checkpointOf(shapes: Record<string, [StoredType, number[]]>, identity = 'one'): Checkpoint {
	let offset = 100;
	const tensors = new Map<string, StoredTensor>();
	for (const [name, [dtype, shape]] of Object.entries(shapes)) {
		const bytes = elementsOf(shape) * storedBytes[dtype];
		tensors.set(name, { dtype, shape, file: 'model.safetensors', offset, bytes });
		offset += bytes;
	}
	const read = () => Promise.reject(new Error('placing reads nothing'));
	return { tensors, metadata: {}, standIn: false, identity, read };
}

const checkpoint = checkpointOf({
	single: ['F32', [4, 6]],
	half: ['F16', [8]],
	brain: ['BF16', [8]],
	count: ['I64', [3]],
	large: ['F32', [1024, 512]]
});

const tensor = (name: string): InitializerSource => ({ kind: 'tensor', tensor: name });
const derived = (key: string, ...tensors: string[]): InitializerSource => ({
	...{ kind: 'derived', key, tensors, derive: () => new Float32Array(4) }
});

test('what is stored as it is wanted stays where it is, in whatever shape', () => {
	const wanted = [
		initializer('float32', [6, 4, 1], tensor('single')),
		initializer('float16', [8], tensor('half')),
		initializer('int64', [3], tensor('count'))
	];
	const plan = placeWeights([graphOf(...wanted)], checkpoint);
	expect(plan).toMatchObject({ bytes: 0, entries: [] });
	const file = 'model.safetensors';
	expect(wanted.map((one) => plan.placementOf(one))).toEqual([
		{ file, offset: 100, bytes: 96 },
		{ file, offset: 196, bytes: 16 },
		{ file, offset: 228, bytes: 24 }
	]);
});

test('what is converted or derived is packed, each content once for all graphs', () => {
	const first = graphOf(
		initializer('float16', [4, 6], tensor('single')),
		initializer('float32', [8], tensor('brain')),
		initializer('float32', [4], derived('folded', 'single', 'half'))
	);
	const second = graphOf(
		initializer('float16', [24], tensor('single')),
		initializer('float16', [4], derived('folded', 'single', 'half')),
		initializer('float32', [2], { kind: 'inline', data: Float32Array.of(1, 2) })
	);
	const plan = placeWeights([first, second], checkpoint);
	expect(plan.entries.map(({ offset, bytes }) => [offset, bytes])).toEqual([
		[0, 48],
		[64, 32],
		[128, 16],
		[192, 8]
	]);
	expect(plan.bytes).toBe(200);
	expect(plan.placementOf(second.initializers[0]!)).toEqual({ file: plan.file, offset: 0, bytes: 48 });
});

test('large pieces begin on a page', () => {
	const small = initializer('float16', [8], derived('eight', 'half'));
	const large = initializer('float16', [1024, 512], tensor('large'));
	const plan = placeWeights([graphOf(small, large)], checkpoint);
	expect(plan.placementOf(large).offset).toBe(4096);
});

test('everything can be packed, so that the checkpoint need not be at hand', () => {
	const wanted = initializer('float32', [4, 6], tensor('single'));
	const plan = placeWeights([graphOf(wanted)], checkpoint, { packAll: true });
	expect(plan.placementOf(wanted)).toEqual({ file: plan.file, offset: 0, bytes: 96 });
});

test('branches of a graph have weights too', () => {
	const inner = graphOf(initializer('float16', [4, 6], tensor('single')));
	const node: GraphNode = {
		...{ op: 'If', domain: '', name: 'branch', inputs: [], outputs: [] },
		attributes: { then_branch: { graph: inner }, axis: 1 }
	};
	const plan = placeWeights([{ ...graphOf(), nodes: [node] }], checkpoint);
	expect(plan.entries).toHaveLength(1);
});

test('the packed file is named by what is in it and by the checkpoint', () => {
	const graph = graphOf(initializer('float16', [4, 6], tensor('single')));
	const { file } = placeWeights([graph], checkpoint);
	expect(file).toMatch(/^packed-[0-9a-f]{16}-[0-9a-f]{16}\.bin$/);
	expect(placeWeights([graph, graph], checkpoint).file).toBe(file);
	const other = { ...checkpoint, identity: 'two' };
	const replaced = placeWeights([graph], other).file;
	expect(replaced).not.toBe(file);
	expect(packedStem(replaced)).toBe(packedStem(file));
	const more = placeWeights(
		[graphOf(...graph.initializers, initializer('float32', [8], tensor('half')))],
		checkpoint
	);
	expect(packedStem(more.file)).not.toBe(packedStem(file));
});

test('a tensor that is missing is named', () => {
	const error = { code: 'weights-missing', params: { tensor: 'absent' } };
	const place = (source: InitializerSource) =>
		placeWeights([graphOf(initializer('float32', [4], source))], checkpoint);
	expect(() => place(tensor('absent'))).toThrow(expect.objectContaining(error));
	expect(() => place(derived('key', 'single', 'absent'))).toThrow(expect.objectContaining(error));
});

test.each<[string, Initializer, object]>([
	[
		'another shape',
		initializer('float16', [5, 6], tensor('single')),
		{ tensor: 'single', expected: 'float16 [5, 6]', found: 'F32 [4, 6]' }
	],
	[
		'integers for floats',
		initializer('float32', [3], tensor('count')),
		{ tensor: 'count', expected: 'float32 [3]', found: 'I64 [3]' }
	],
	[
		'blocks of another number',
		initializer('uint8', [4, 1, 16], { kind: 'blocks', tensor: 'single', blockSize: 16, part: 'codes' }),
		{ tensor: 'single', expected: 'uint8 [4, 1, 16]', found: 'F32 [4, 6]' }
	]
])('a tensor of %s is told', (_, wanted, params) => {
	expect(() => placeWeights([graphOf(wanted)], checkpoint)).toThrow(
		expect.objectContaining({ code: 'weights-shape', params })
	);
});
