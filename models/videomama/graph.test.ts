import { beforeAll, expect, it, vi } from 'vitest';
import { besideStandIn, tensorsOf } from '../hub/official.node.ts';
import { Graph, type Weights } from '../onnx/graph.ts';
import type { GraphDefinition, Shape } from '../onnx/types.ts';
import { FRAMES_AT_ONCE, SCORE_BYTES, type VideoMaMaBuild } from './build.ts';
import { parseUNetConfig, parseVaeConfig } from './config.ts';
import { buildVideoMaMa } from './graph.ts';

/** The full-size networks, at the size and window that they were trained on. */
let weights: Weights;
let build: VideoMaMaBuild;
beforeAll(async () => {
	const { shapes } = await tensorsOf('videomama');
	weights = new Map(Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F16' as const, shape }]));
	const beside = await besideStandIn('videomama');
	const config = (name: string) => JSON.parse(beside[`${name}/config.json`] as string) as unknown;
	build = {
		...{ unet: parseUNetConfig(config('unet')), vae: parseVaeConfig(config('vae')) },
		...{ width: 1024, height: 576, frames: 16, precision: 'float32', attention: 'parts' }
	};
});

/** Builds the networks, and tells the shapes of all results of an operator. */
function shapesOf(op: string, options: Partial<VideoMaMaBuild> = {}): Shape[] {
	const node = vi.spyOn(Graph.prototype, 'node');
	try {
		buildVideoMaMa(weights, { ...build, ...options });
		const calls = node.mock.calls.filter(([name]) => name === op);
		return calls.flatMap(([, , outputs]) => outputs.map(({ shape }) => shape));
	} finally {
		node.mockRestore();
	}
}

const bytesOf = (shape: Shape, each: number) =>
	shape.reduce<number>((product, size) => product * (typeof size === 'number' ? size : FRAMES_AT_ONCE), each);

it.each([
	['float32', 4],
	['float16', 2]
] as const)('never lays out more than a gigabyte of scores in %s', (precision, each) => {
	const scores = shapesOf('Softmax', { precision });
	const largest = Math.max(...scores.map((shape) => bytesOf(shape, each)));
	expect(largest).toBeLessThanOrEqual(SCORE_BYTES);
	expect(largest).toBeGreaterThan(SCORE_BYTES / 2);
	// Of all places of a frame to one another, they would be 27 GB in float32.
	const [places, heads] = [128 * 72, 5];
	const finest = scores.filter((shape) => shape[1] === heads && shape[3] === places);
	const rows = finest.reduce((sum, shape) => sum + (shape[2] as number), 0);
	expect(rows).toBe(5 * places);
});

it('lays out no scores where one operator attends', () => {
	expect(shapesOf('Softmax', { attention: 'fused' })).toEqual([]);
	// One among places and one among frames for each of 16 transformers; one in the encoder, and one in the decoder.
	expect(shapesOf('MultiHeadAttention', { attention: 'fused' })).toHaveLength(34);
});

it('reads every weight that counts: all but those of what is read from zeros', () => {
	const graphs = Object.values<GraphDefinition>({
		...buildVideoMaMa(weights, { ...build, attention: 'fused' })
	});
	const read = new Set(
		graphs.flatMap(({ initializers }) =>
			initializers.flatMap(({ source }) =>
				source.kind === 'derived' ? source.tensors : source.kind === 'tensor' ? [source.tensor] : []
			)
		)
	);
	const unread = [...weights.keys()].filter((name) => !read.has(name));
	expect(
		unread.filter((name) => !/\.norm2\.|\.attn2\.to_[qkv]\.|\.attn2\.to_out\.0\.weight$/.test(name))
	).toEqual([]);
	expect(unread.filter((name) => name.includes('res_block'))).toEqual([]);
});

it('asks for the same packed weights whatever the size and the window', () => {
	const keys = (options: Partial<VideoMaMaBuild>) =>
		Object.values<GraphDefinition>({
			...buildVideoMaMa(weights, { ...build, attention: 'fused', ...options })
		}).map((graph) =>
			graph.initializers.filter(({ source }) => source.kind !== 'inline').map(({ name }) => name)
		);
	expect(keys({ width: 512, height: 320, frames: 5 })).toEqual(keys({}));
});

it('takes sides in eights only, and one frame or more', () => {
	for (const wrong of [{ width: 1020 }, { height: 100 }, { frames: 0 }, { frames: 2.5 }]) {
		expect(() => buildVideoMaMa(weights, { ...build, ...wrong })).toThrow(RangeError);
	}
});
