import { tmpdir } from 'node:os';
import { Tensor } from 'onnxruntime-common';
import { expect, it } from 'vitest';
import { encodeModel } from '../onnx/encode.ts';
import { Graph } from '../onnx/graph.ts';
import { add, cast, multiply, reshape } from '../onnx/operators/index.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import { createNodeRuntime } from '../runtime.node.ts';
import { asOnCards } from './as-on-cards.ts';

/** (x + x + 1) / 2 in float16. */
function halfOfTwice(): GraphDefinition {
	const graph = new Graph({ name: 'half', weights: new Map() });
	const x = reshape(cast(graph.input('x', 'float32', [2, 2]), 'float16'), [4]);
	graph.output('y', cast(multiply(add(add(x, x), 1), 0.5), 'float32'));
	return graph.define();
}

async function answer(graph: GraphDefinition, values: readonly number[]): Promise<number[]> {
	const runtime = await createNodeRuntime({ providers: ['cpu'], threads: 1 });
	const bytes = encodeModel(graph, ({ name }) => {
		throw new Error(`${name} lies nowhere`);
	});
	const network = await runtime.open({ bytes, folder: tmpdir() });
	const { y } = await network.run({ x: new Tensor('float32', Float32Array.from(values), [2, 2]) });
	await network.release();
	return [...(y!.data as Float32Array)];
}

it('rounds each result, so that what is too large for float16 is noticed', async () => {
	const values = [60_000, -60_000, 1024, 3];
	// 2049 lies between two numbers of float16.
	expect(await answer(asOnCards(halfOfTwice()), values)).toEqual([Infinity, -Infinity, 1024, 3.5]);
});

it('leaves a graph in float32 as it is', () => {
	const graph = new Graph({ name: 'whole', weights: new Map() });
	const x = graph.input('x', 'float32', [2]);
	graph.output('y', add(x, x));
	const whole = graph.define();
	expect(asOnCards(whole)).toEqual(whole);
});
