import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canaryModel } from './canary.ts';
import { encodeModel } from './onnx/encode.ts';
import { Graph } from './onnx/graph.ts';
import { add, expand } from './onnx/operators/index.ts';
import { createNodeRuntime, type NodeRuntime } from './runtime.node.ts';

let folder: string;
let runtime: NodeRuntime;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-runtime-'));
	runtime = await createNodeRuntime({ providers: ['cpu'], threads: 1 });
});
afterAll(() => rm(folder, { recursive: true }));

const weights = new Map([['w', { dtype: 'F32', shape: [1024] } as const]]);

/** y = x + w, the weights in a file beside the graph. */
async function writeModel(name: string, stored: Float32Array): Promise<string> {
	const graph = new Graph({ name: 'sum', weights });
	const x = graph.input('x', 'float32', [1024]);
	graph.output('y', add(x, graph.scope().weight('w')));
	const model = encodeModel(graph.define(), () => ({ file: `${name}.bin`, offset: 0, bytes: 4096 }));
	await writeFile(join(folder, `${name}.bin`), stored);
	await writeFile(join(folder, `${name}.onnx`), model);
	return join(folder, `${name}.onnx`);
}

const x = new Tensor('float32', new Float32Array(1024).fill(1), [1024]);

describe('ONNX Runtime in Node', () => {
	it('runs on the CPU when nothing better is allowed, and says so', () => {
		expect(runtime).toMatchObject({
			provider: 'cpu',
			reasons: [
				{ provider: 'cuda', code: 'provider-off' },
				{ provider: 'webgpu', code: 'provider-off' }
			]
		});
	});

	it('opens a graph whose weights lie beside it, runs it, and gives it back', async () => {
		const network = await runtime.open(await writeModel('good', new Float32Array(1024).fill(2)));
		const { y } = await network.run({ x });
		expect(y!.data.slice(0, 2)).toEqual(Float32Array.of(3, 3));
		await network.release();
	});

	it('opens a graph that lies in memory', async () => {
		const path = await writeModel('kept', new Float32Array(1024).fill(3));
		const network = await runtime.open({ bytes: await readFile(path), folder });
		expect((await network.run({ x })).y!.data[0]).toBe(4);
		await network.release();
	});

	it('says that weights are damaged when their file ends too early', async () => {
		const path = await writeModel('short', new Float32Array(512));
		await expect(runtime.open(path)).rejects.toMatchObject({ code: 'weights-damaged' });
	});

	it('says that a graph is damaged when its file is not one', async () => {
		const path = join(folder, 'cut.onnx');
		await writeFile(path, canaryModel().slice(0, 20_000));
		await expect(runtime.open(path)).rejects.toMatchObject({ code: 'weights-damaged' });
	});

	it('says that memory is short when a network wants more than there is', async () => {
		const graph = new Graph({ name: 'huge', weights: new Map() });
		const one = graph.input('x', 'float32', [1]);
		graph.output('y', expand(one, [2 ** 20, 2 ** 24]));
		const path = join(folder, 'huge.onnx');
		await writeFile(
			path,
			encodeModel(graph.define(), () => ({ file: '', offset: 0, bytes: 0 }))
		);
		const network = await runtime.open(path);
		const run = network.run({ x: new Tensor('float32', [1], [1]) });
		await expect(run).rejects.toMatchObject({ code: 'out-of-memory' });
		await network.release();
	});
});
