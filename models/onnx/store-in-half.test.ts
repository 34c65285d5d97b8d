import { expect, it } from 'vitest';
import { Graph } from './graph.ts';
import { linear } from './layers.ts';
import { storeInHalf } from './store-in-half.ts';

it('keeps weights in float16 and widens them before anything else, but leaves what is computed in float32', () => {
	const weights = new Map([
		['weight', { dtype: 'F32' as const, shape: [3, 2] }],
		['bias', { dtype: 'F32' as const, shape: [3] }]
	]);
	const graph = new Graph({ name: 'test', weights });
	graph.output('y', linear(graph.scope(), graph.constant(Float32Array.of(1, 2), [1, 2])));
	const half = storeInHalf(graph.define());
	const stored = half.initializers.filter(({ source }) => source.kind !== 'inline');
	expect(stored.map(({ dtype, source }) => [dtype, source])).toEqual([
		['float16', { kind: 'tensor', tensor: 'weight' }],
		['float16', { kind: 'tensor', tensor: 'bias' }]
	]);
	expect(half.nodes.slice(0, 2).map(({ op, inputs }) => [op, ...inputs])).toEqual(
		stored.map(({ name }) => ['Cast', name])
	);
	expect(half.nodes.slice(2)).toEqual(graph.define().nodes);
	expect(half.initializers.some(({ dtype }) => dtype === 'float32')).toBe(true);
});
