import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeSelfContained } from './encode.ts';
import { Graph, GraphError, module, type Scope, type Value, type Weights } from './graph.ts';
import { conv, linear } from './layers.ts';
import {
	add,
	concat,
	ifElse,
	multiply,
	relu,
	reshape,
	slice,
	softmax,
	transpose
} from './operators/index.ts';

const noWeights: Weights = new Map();

async function run(graph: Graph, feeds: Record<string, Tensor>) {
	const model = encodeSelfContained(graph.define());
	const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
	return session.run(feeds);
}

describe('a graph', () => {
	it('runs as it was written, with a size that is known only then', async () => {
		const graph = new Graph({ name: 'test', weights: noWeights });
		const x = graph.input('x', 'float32', ['N', 2]);
		const y = concat([multiply(x, 2), graph.constant(Float32Array.of(1, 2), [1, 2])], 0);
		graph.output('y', softmax(reshape(y, [1, '(N+1)', 2]), 1));
		expect(graph.define().outputs[0]!.shape).toEqual([1, '(N+1)', 2]);
		const { y: result } = await run(graph, { x: new Tensor('float32', [0, 0, 0, 0, 0, 0], [3, 2]) });
		expect(result!.dims).toEqual([1, 4, 2]);
		const total = 3 + Math.exp(1);
		expect(result!.data[0]).toBeCloseTo(1 / total, 6);
		expect(result!.data[6]).toBeCloseTo(Math.exp(1) / total, 6);
	});

	it('computes what is known already while it is written', () => {
		const graph = new Graph({ name: 'test', weights: noWeights });
		const a = graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
		const b = transpose(add(a, graph.constant(Float32Array.of(10, 20, 30), [3])), [1, 0]);
		expect(slice(b, 0, 1).data).toEqual(Float32Array.of(22, 25, 33, 36));
		expect(graph.define().nodes).toEqual([]);
	});

	it('keeps only what its outputs need', () => {
		const graph = new Graph({ name: 'test', weights: noWeights });
		const x = graph.input('x', 'float32', [2]);
		add(x, graph.constant(Float32Array.of(1, 2), [2]));
		graph.output('y', relu(x));
		const { nodes, initializers } = graph.define();
		expect(nodes.map(({ op }) => op)).toEqual(['Relu', 'Identity']);
		expect(initializers).toEqual([]);
	});

	it('runs one of two branches', async () => {
		const graph = new Graph({ name: 'test', weights: noWeights });
		const x = graph.input('x', 'float32', [1]);
		const which = graph.input('which', 'bool', []);
		const [y] = ifElse(
			which,
			() => [multiply(x, 3)],
			() => [x]
		);
		graph.output('y', y!);
		const feeds = (flag: number) => ({
			x: new Tensor('float32', [2], [1]),
			which: new Tensor('bool', Uint8Array.of(flag), [])
		});
		expect((await run(graph, feeds(1))).y!.data[0]).toBe(6);
		expect((await run(graph, feeds(0))).y!.data[0]).toBe(2);
	});

	it('names the module and the shapes where something does not fit', () => {
		const weights: Weights = new Map([['head.fc.weight', { dtype: 'F32', shape: [4, 3] }]]);
		const graph = new Graph({ name: 'net', weights });
		const head = module((net: Scope, x: Value) => linear(net.in('fc'), x));
		const x = graph.input('x', 'float32', [2, 5]);
		expect(() => head(graph.scope().in('head'), x)).toThrow(
			new GraphError('net: head.fc: gemm of float32[2,5] and float32[4,3]')
		);
		expect(() => conv(graph.scope().in('head.other'), x)).toThrow(/weights-missing.*head.other.weight/);
		expect(() => graph.scope().in('head.fc').weight('weight', [3, 4])).toThrow(
			/weights-shape.*\[3,4\].*\[4,3\]/
		);
	});

	it('refuses to mix precisions unseen', () => {
		const graph = new Graph({ name: 'test', weights: noWeights });
		const x = graph.input('x', 'float16', [2]);
		expect(() => add(x, graph.input('y', 'float32', [2]))).toThrow('Add of float16 and float32');
	});
});
