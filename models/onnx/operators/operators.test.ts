import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeSelfContained } from '../encode.ts';
import { Graph, type Value } from '../graph.ts';
import type { DType, Shape } from '../types.ts';
import * as o from './index.ts';

/** Numbers that are no one's in particular, the same in every run. */
function some(count: number): Float32Array {
	return Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) + 1.5);
}

const count = (shape: Shape) => (shape as readonly number[]).reduce((a, b) => a * b, 1);

type Write = (x: Value, again: (shape: readonly number[]) => Value) => Value | readonly Value[];

/** Every operator: what x's shape is, and what is written over it; `again` gives a second tensor that is known only at run time. */
const written: Record<string, [shape: readonly number[], write: Write, opset?: number]> = {
	add: [[2, 1, 3], (x, again) => o.add(x, again([4, 1]))],
	'a number first': [[2, 3], (x) => o.subtract(1, x)],
	power: [[2, 3], (x) => o.power(x, 2)],
	comparison: [[2, 3], (x, again) => o.greaterOrEqual(x, again([3]))],
	logic: [[2, 3], (x) => o.not(o.and(o.less(x, 1), o.or(o.equal(x, 1), o.greater(x, 2))))],
	where: [[2, 3], (x) => o.where(o.lessOrEqual(x, 1), x, 0)],
	clip: [[2, 3], (x) => [o.clip(x, 1), o.clip(x, undefined, 2), o.clip(x, 1, 2)]],
	unary: [
		[4],
		(x) => [
			o.negate(x),
			o.absolute(x),
			o.squareRoot(x),
			o.exponential(x),
			o.logarithm(x),
			o.sine(x),
			o.cosine(x)
		]
	],
	activations: [
		[4],
		(x) => [o.relu(x), o.sigmoid(x), o.tanh(x), o.softplus(x), o.silu(x), o.gelu(x), o.gelu(x, 'tanh')]
	],
	rounding: [[4], (x) => [o.floor(x), o.round(x), o.cast(x, 'int64'), o.cast(x, 'float16')]],
	bounds: [[4], (x) => [o.maximum(x, 1), o.minimum(x, 1), o.divide(x, 2)]],
	reshape: [[2, 3, 4], (x) => o.reshape(x, [6, 4])],
	flatten: [[2, 3, 4], (x) => o.flatten(x, 1, -1)],
	repeat: [[1, 3], (x, again) => o.repeatLike(x, again([4, 2]))],
	transpose: [[2, 3, 4], (x) => o.transpose(x, [2, 0, 1])],
	unsqueeze: [[2, 3], (x) => o.squeeze(o.unsqueeze(x, 0, -1), 0)],
	concat: [[2, 3], (x, again) => o.concat([x, again([2, 5])], -1)],
	split: [[2, 5], (x) => o.split(x, 1, [2, 3])],
	slice: [
		[2, 9],
		(x) => [o.slice(x, 1, 2, 5), o.slice(x, 1, -3), o.slice(x, 1, 1, 8, 3), o.slice(x, 0, 0, 1)]
	],
	expand: [[2, 1, 3], (x) => o.expand(x, [4, 2, 5, 3])],
	tile: [[2, 3], (x) => o.tile(x, [3, 2])],
	gather: [[4, 3], (x) => o.gather(x, o.integers(x.graph, [1, 3]), 0)],
	'gather elements': [
		[2, 3],
		(x) => o.gatherElements(x, o.cast(o.multiply(o.slice(x, 1, 0, 2), 0), 'int64'), 1)
	],
	pad: [
		[1, 2, 4, 5],
		(x) =>
			o.pad(x, [
				[0, 0],
				[0, 0],
				[1, 2],
				[3, 0]
			])
	],
	'cumulative sum': [[2, 3], (x) => o.cumulativeSum(x, -1)],
	reductions: [
		[2, 3, 4],
		(x) => [o.sum(x, [1]), o.mean(x, [0, 2], true), o.largest(x, [-1]), o.smallest(x, [0])]
	],
	argMax: [[2, 3, 4], (x) => [o.argMax(x, 1), o.argMax(x, -1, true)]],
	softmax: [[2, 3], (x) => o.softmax(x)],
	topK: [[2, 9], (x) => o.topK(x, 4)],
	matmul: [[2, 1, 3, 4], (x, again) => o.matmul(x, again([5, 4, 6]))],
	gemm: [[3, 4], (x, again) => o.gemm(x, again([5, 4]), again([5]), { transB: true, alpha: 2 })],
	convolution: [
		[1, 4, 9, 7],
		(x, again) => o.convolution(x, again([6, 2, 3, 3]), again([6]), { stride: 2, padding: 1, groups: 2 })
	],
	'dilated convolution': [
		[1, 2, 9, 9],
		(x, again) => o.convolution(x, again([3, 2, 3, 3]), undefined, { dilation: 2 })
	],
	'convolution with another padding on the far sides': [
		[2, 4, 5, 6],
		(x, again) => o.convolution(x, again([3, 4, 3, 3]), undefined, { stride: 2, paddingAfter: 1 })
	],
	'convolution of a row': [
		[1, 2, 9],
		(x, again) => o.convolution(x, again([3, 2, 5]), undefined, { padding: 2 })
	],
	'convolution in three axes': [
		[1, 2, 5, 4, 4],
		(x, again) => o.convolution(x, again([3, 2, 3, 1, 1]), undefined, { padding: [1, 0, 0] })
	],
	'repeated pixels': [[2, 1, 3, 2], (x) => o.repeatPixels(x, 2)],
	'transposed convolution': [
		[1, 2, 3, 4],
		(x, again) => o.convolutionTranspose(x, again([2, 5, 2, 2]), again([5]), 2)
	],
	pools: [
		[1, 2, 9, 8],
		(x) => [
			o.pool(x, 'max', { size: 3, stride: 2, padding: 1 }),
			o.pool(x, 'average', { size: 2 }),
			o.globalAverage(x)
		]
	],
	resize: [
		[1, 2, 4, 6],
		(x) => [o.resize(x, 8, 12), o.resize(x, 3, 3, 'nearest', 'asymmetric'), o.resize(x, 5, 5, 'cubic')]
	],
	'grid sample': [[1, 2, 4, 6], (x, again) => o.gridSample(x, again([1, 3, 5, 2]))],
	'layer norm': [[2, 3, 8], (x, again) => o.layerNormalisation(x, again([8]), again([8]), 1e-5)],
	'group norm': [[1, 8, 3, 3], (x, again) => o.groupNormalisation(x, again([8]), again([8]), 4, 1e-5)],
	'instance norm': [[2, 3, 8], (x, again) => o.instanceNormalisation(x, again([3]), again([3]), 1e-5)],
	'multi-head attention': [
		[1, 5, 16],
		(x, again) => o.multiHeadAttention(x, again([1, 7, 16]), again([1, 7, 12]), 2, { scale: 0.5 })
	],
	'rotary embedding': [
		[2, 5, 16],
		(x, again) => o.rotaryEmbedding(x, again([5, 4]), again([5, 4]), { interleaved: true })
	],
	attention: [
		[1, 2, 5, 8],
		(x, again) => o.attention(x, again([1, 2, 7, 8]), again([1, 2, 7, 6]), { scale: 0.5 }),
		23
	]
};

describe('operators', () => {
	it.each(Object.entries(written))(
		'%s: the shape that is written is the shape that comes out',
		async (_, [shape, write, opset]) => {
			const graph = new Graph({ name: 'test', weights: new Map(), opset });
			const feeds: Record<string, Tensor> = {};
			const input = (size: readonly number[]) => {
				const name = `x${Object.keys(feeds).length}`;
				feeds[name] = new Tensor('float32', some(count(size)), size);
				return graph.input(name, 'float32', size);
			};
			const results = [write(input(shape), input)].flat() as Value[];
			for (const [i, value] of results.entries()) graph.output(`y${i}`, value);
			const model = encodeSelfContained(graph.define());
			const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
			const found = await session.run(feeds);
			for (const [i, value] of results.entries()) {
				expect([found[`y${i}`]!.type, ...found[`y${i}`]!.dims]).toEqual([
					value.dtype as DType,
					...value.shape
				]);
			}
		}
	);

	/** Operators that fold: what is computed while writing must be what the runtime computes. */
	const folding: Record<string, Write> = {
		arithmetic: (x, again) => o.divide(o.multiply(o.add(x, again([3, 1])), 3), o.power(o.subtract(x, 9), 2)),
		bounds: (x) => o.maximum(o.minimum(x, 2), o.negate(x)),
		unary: (x) => o.squareRoot(o.absolute(o.sine(o.exponential(o.cosine(o.logarithm(x)))))),
		activations: (x) => o.tanh(o.sigmoid(o.relu(o.floor(x)))),
		layout: (x, again) => o.slice(o.transpose(o.concat([x, again([1, 4])], 0), [1, 0]), 1, 1, 3),
		shape: (x) => o.squeeze(o.unsqueeze(o.reshape(x, [4, 3]), 1), 1)
	};
	it.each(Object.entries(folding))('%s: folded and run, the numbers are the same', async (_, write) => {
		const numbers = (size: readonly number[]) => some(count(size)).map((value) => Math.abs(value) + 0.1);
		const known = new Graph({ name: 'known', weights: new Map() });
		const constant = (size: readonly number[]) => known.constant(numbers(size), size);
		const folded = [write(constant([3, 4]), constant)].flat()[0] as Value;

		const graph = new Graph({ name: 'run', weights: new Map() });
		const feeds: Record<string, Tensor> = {};
		const input = (size: readonly number[]) => {
			const name = `x${Object.keys(feeds).length}`;
			feeds[name] = new Tensor('float32', numbers(size), size);
			return graph.input(name, 'float32', size);
		};
		graph.output('y', [write(input([3, 4]), input)].flat()[0] as Value);
		const model = encodeSelfContained(graph.define());
		const { y } = await (await InferenceSession.create(model, { logSeverityLevel: 3 })).run(feeds);
		expect(folded.shape).toEqual(y!.dims);
		for (const [i, value] of (y!.data as Float32Array).entries())
			expect(folded.data![i]).toBeCloseTo(value, 5);
	});
});
