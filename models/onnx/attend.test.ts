import { Tensor } from 'onnxruntime-common';
import { expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime.node.ts';
import { unit } from '../weights/stand-in.ts';
import { attend } from './attend.ts';
import { encodeSelfContained } from './encode.ts';
import { Graph } from './graph.ts';
import { slice, unsqueeze } from './operators/index.ts';

const [batch, queries, keys, heads, width] = [2, 7, 5, 3, 12];

it.each([
	['in one go', Infinity],
	// Scores of a query are 2 · 3 · 5 · 4 bytes.
	['for three queries at a time, and one that is left over', 3 * 120 + 8],
	['for one query at a time, however little room there is', 1]
])('attends in plain operators %s as one operator does', async (_, scoreBytes) => {
	const graph = new Graph({ name: 'attend', weights: new Map() });
	const q = graph.input('q', 'float32', [batch, queries, width]);
	const k = graph.input('k', 'float32', [batch, keys, width]);
	const bias = graph.input('bias', 'float32', [heads, queries, keys]);
	const v = slice(k, 2, 0, 6);
	for (const [name, room] of [
		['one', undefined],
		['plain', scoreBytes]
	] as const) {
		graph.output(name, attend(q, k, v, heads, {}, { scoreBytes: room }));
		const mask = unsqueeze(bias, 0);
		graph.output(`${name} masked`, attend(q, k, v, heads, { mask, scale: 0.7 }, { scoreBytes: room }));
	}
	const runtime = await createNodeRuntime({ providers: ['cpu'], threads: 1 });
	const network = await runtime.open({
		bytes: encodeSelfContained(graph.define()),
		folder: '.'
	});
	const noise = (name: string, dims: number[]) =>
		new Tensor(
			'float32',
			Float32Array.from(
				unit(
					name,
					dims.reduce((a, b) => a * b)
				)
			),
			dims
		);
	const answer = await network.run({
		q: noise('q', [batch, queries, width]),
		k: noise('k', [batch, keys, width]),
		bias: noise('bias', [heads, queries, keys])
	});
	for (const name of ['', ' masked']) {
		const [one, plain] = ['one', 'plain'].map((way) => answer[way + name]!);
		expect(plain!.dims).toEqual([batch, queries, 6]);
		const [right, found] = [one!.data, plain!.data] as Float32Array[];
		for (const [i, value] of right!.entries()) expect(found![i]).toBeCloseTo(value, 5);
	}
	await network.release();
});
