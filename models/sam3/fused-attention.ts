import { Tensor } from 'onnxruntime-common';
import { attend } from '../onnx/attend.ts';
import { encodeSelfContained } from '../onnx/encode.ts';
import { Graph } from '../onnx/graph.ts';
import {
	absolute,
	cast,
	concat,
	mean,
	multiply,
	reshape,
	sine,
	slice,
	subtract,
	unsqueeze
} from '../onnx/operators/index.ts';
import type { FloatType } from '../onnx/types.ts';
import type { WebRuntime } from '../runtime.web.ts';

/** Tokens of the trial: more than any shader takes at once. */
const TOKENS = 80;
/** Numbers of each token: as many as the widest head has. */
const WIDTH = 256;
/** Attention as the vision encoder has it, memory, a decoder of images, and one of prompts. */
const trials: readonly Trial[] = [
	{ heads: 2, channels: 64, queries: TOKENS, keys: TOKENS },
	{ heads: 1, channels: 256, queries: TOKENS, keys: TOKENS },
	{ heads: 8, channels: 32, queries: TOKENS, keys: 20, masked: true },
	{ heads: 8, channels: 16, queries: 8, keys: TOKENS }
];
/** How far the two ways may be apart in the mean in half precision, of numbers up to 1. */
const TOLERANCE = 0.005;

interface Trial {
	readonly heads: number;
	readonly channels: number;
	readonly queries: number;
	readonly keys: number;
	readonly masked?: boolean;
}

/**
 * Whether attention in one operator, which never lays out its scores, computes right on a runtime: what plain operators do. Its shader relies
 * on how threads of a graphics card work together, and ONNX Runtime 1.29's is wrong where they do so by fours (SwiftShader). On
 * WebAssembly the operator lays all scores out at once, so that plain operators are as fast in less memory.
 */
export async function isFusedAttentionRight(
	{ provider, open }: Pick<WebRuntime, 'provider' | 'open'>,
	precision: FloatType
): Promise<boolean> {
	if (provider === 'wasm') return false;
	const network = await open(trialModel(precision));
	try {
		const waves = Float32Array.from({ length: 2 * TOKENS * WIDTH }, (_, i) => Math.sin(i + i * i));
		const { apart } = await network.run({ x: new Tensor('float32', waves, [2, TOKENS, WIDTH]) });
		const differences = (await apart!.getData(true)) as Float32Array;
		return differences.every((difference) => difference < TOLERANCE);
	} finally {
		await network.release();
	}
}

/** Answers with the mean difference between the two ways, for each trial. */
function trialModel(precision: FloatType): Uint8Array {
	const graph = new Graph({ name: 'fused-attention', weights: new Map() });
	const x = cast(graph.input('x', 'float32', [2, TOKENS, WIDTH]), precision);
	const apart = trials.map(({ heads, channels, queries, keys, masked }) => {
		const part = (tokens: number) => slice(slice(x, 1, 0, tokens), 2, 0, heads * channels);
		const mask = masked && unsqueeze(slice(slice(slice(x, 0, 0, 1), 1, 0, queries), 2, 0, keys), 0);
		const [fused, plain] = [undefined, Infinity].map((scoreBytes) =>
			attend(part(queries), part(keys), sine(multiply(part(keys), 3)), heads, mask ? { mask } : {}, {
				scoreBytes
			})
		);
		return mean(absolute(subtract(cast(fused!, 'float32'), cast(plain!, 'float32'))), [0, 1, 2]);
	});
	graph.output(
		'apart',
		concat(
			apart.map((difference) => reshape(difference, [1])),
			0
		)
	);
	return encodeSelfContained(graph.define());
}
