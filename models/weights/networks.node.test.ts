import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Graph } from '../onnx/graph.ts';
import { add, cast } from '../onnx/operators/index.ts';
import type { FloatType } from '../onnx/types.ts';
import { createNodeRuntime } from '../runtime.node.ts';
import { openCheckpoint } from './checkpoint.node.ts';
import { checkUnchanged, openNetworks, type StoredWeights } from './networks.node.ts';
import { writeSafetensors } from './safetensors-writer.ts';

let root: string;
let stored: StoredWeights;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-networks-'));
	const chunks: Uint8Array[] = [];
	const data = new Uint8Array(Float32Array.of(1, 2).buffer);
	const w = { name: 'w', dtype: 'F32', shape: [2], chunks: () => [data] } as const;
	await writeSafetensors([w], {}, (chunk) => void chunks.push(chunk.slice()));
	await writeFile(join(root, 'model.safetensors'), Buffer.concat(chunks));
	stored = { checkpoint: await openCheckpoint(root), folder: root, cache: join(root, 'cache') };
});
afterEach(() => rm(root, { recursive: true }));

/** y = x + w, computed in a precision. */
function sum(precision: FloatType) {
	const graph = new Graph({ name: 'sum', weights: stored.checkpoint.tensors });
	const x = cast(graph.input('x', 'float32', [2]), precision);
	graph.output('y', cast(add(x, graph.scope(precision).weight('w')), 'float32'));
	return graph.define();
}

async function answer(precision: FloatType, weights = stored): Promise<unknown> {
	const runtime = await createNodeRuntime({ providers: ['cpu'], threads: 1 });
	const networks = await openNetworks(runtime, { sum: sum(precision) }, weights, { occasional: ['sum'] });
	const { y } = await networks.sum.run({ x: new Tensor('float32', Float32Array.of(10, 20), [2]) });
	await networks.sum.release();
	return y!.data;
}

describe('opening networks over a checkpoint', () => {
	it('writes nothing when the weights are stored as the graphs want them', async () => {
		expect(await answer('float32')).toEqual(Float32Array.of(11, 22));
		expect(await readdir(root)).toEqual(['model.safetensors']);
	});

	it('writes what the checkpoint lacks beside it, once', async () => {
		expect(await answer('float16')).toEqual(Float32Array.of(11, 22));
		const files = await readdir(root);
		expect(files).toHaveLength(2);
		await answer('float16');
		expect(await readdir(root)).toEqual(files);
	});

	it('writes it elsewhere when nothing can be written beside the checkpoint', async () => {
		const elsewhere = { ...stored, folder: join(root, 'not-there') };
		expect(await answer('float16', elsewhere)).toEqual(Float32Array.of(11, 22));
		expect(await readdir(stored.cache)).toHaveLength(1);
		expect(await readdir(root)).toEqual(['cache', 'model.safetensors']);
	});

	it('tells weights that were replaced meanwhile', async () => {
		await checkUnchanged(stored.checkpoint, root);
		await utimes(join(root, 'model.safetensors'), 1, 1);
		await expect(checkUnchanged(stored.checkpoint, root)).rejects.toMatchObject({ code: 'weights-replaced' });
		await rm(join(root, 'model.safetensors'));
		await expect(checkUnchanged(stored.checkpoint, root)).rejects.toMatchObject({ code: 'weights-absent' });
	});
});
