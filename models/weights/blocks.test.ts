import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeModel } from '../onnx/encode.ts';
import { Graph, type Weights } from '../onnx/graph.ts';
import { linearInBlocks } from '../onnx/layers.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import { blocksPerRow, quantiseRows } from './blocks.ts';
import { openCheckpoint } from './checkpoint.node.ts';
import { ensurePacked } from './pack.node.ts';
import { placeWeights } from './place.ts';
import { standInWeight, unit, writeStandIn } from './stand-in.ts';
import { writeWhole } from './write-whole.node.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'blocks-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What the codes and scales stand for, [rows, columns]. */
function dequantise(
	codes: Uint8Array,
	scales: Float32Array,
	columns: number,
	blockSize: number
): Float32Array {
	const blocks = blocksPerRow(columns, blockSize);
	return Float32Array.from({ length: (scales.length / blocks) * columns }, (_, i) => {
		const [row, column] = [Math.floor(i / columns), i % columns];
		const block = row * blocks + Math.floor(column / blockSize);
		const within = column % blockSize;
		const byte = codes[(block * blockSize) / 2 + (within >> 1)]!;
		return (((byte >> (4 * (within & 1))) & 15) - 8) * scales[block]!;
	});
}

test.each([16, 32, 64, 128])(
	'blocks of %i keep every value within a step, the largest exactly',
	(blockSize) => {
		const columns = 200;
		const values = Float32Array.from(unit('values', 5 * columns));
		const { codes, scales } = quantiseRows(values, columns, blockSize);
		const found = dequantise(codes, scales, columns, blockSize);
		const blocks = blocksPerRow(columns, blockSize);
		expect(scales).toHaveLength(5 * blocks);
		for (const [i, value] of values.entries()) {
			const scale = scales[Math.floor(i / columns) * blocks + Math.floor((i % columns) / blockSize)]!;
			// Half a step, but for a value that is as large as the largest and of the other sign: there is no code 16.
			expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(
				Math.abs(scale) * (value / scale > 7.5 - 1e-3 ? 1 : 0.5001)
			);
			if (Math.abs(Math.abs(value / scale) - 8) < 1e-6 && value / scale < 0)
				expect(found[i]).toBeCloseTo(value, 6);
		}
	}
);

test('zeros stay zeros, and so does what fills the last block', () => {
	const { codes, scales } = quantiseRows(new Float32Array(20), 20, 16);
	expect([...scales]).toEqual([0, 0]);
	expect(codes).toEqual(new Uint8Array(16).fill(0x88));
	const ones = quantiseRows(new Float32Array(17).fill(1), 17, 16);
	expect([...ones.codes.subarray(8)]).toEqual([0x80, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88]);
});

test.each([16, 32, 128])(
	'MatMulNBits of ONNX Runtime reads blocks of %i as we mean them',
	async (blockSize) => {
		const [rows, columns] = [12, 150];
		const shapes = { 'fc.weight': [rows, columns] };
		const path = join(folder, 'model.safetensors');
		await writeWhole(path, 0, (write) => writeStandIn(shapes, {}, write));
		const checkpoint = await openCheckpoint(folder);
		const graph = matMul(checkpoint.tensors, columns, blockSize);
		const plan = placeWeights([graph], checkpoint);
		await ensurePacked(plan, checkpoint, folder);
		const model = join(folder, 'model.onnx');
		await writeFile(model, encodeModel(graph, plan.placementOf));

		const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
		const input = Float32Array.from(unit('input', 3 * columns));
		const { y } = await session.run({ x: new Tensor('float32', input, [3, columns]) });
		await session.release();

		const { codes, scales } = quantiseRows(standInWeight('fc.weight', [rows, columns]), columns, blockSize);
		const weight = dequantise(codes, scales, columns, blockSize);
		const found = y!.data as Float32Array;
		for (let i = 0; i < found.length; i++) {
			const [batch, row] = [Math.floor(i / rows), i % rows];
			let expected = 0;
			for (let k = 0; k < columns; k++) expected += input[batch * columns + k]! * weight[row * columns + k]!;
			expect(found[i]).toBeCloseTo(expected, 4);
		}
	}
);

function matMul(weights: Weights, columns: number, blockSize: number): GraphDefinition {
	const graph = new Graph({ name: 'test', weights });
	const x = graph.input('x', 'float32', [3, columns]);
	graph.output('y', linearInBlocks(graph.scope().in('fc'), x, blockSize));
	return graph.define();
}
