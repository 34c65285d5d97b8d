import { storeInHalf } from '../onnx/store-in-half.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import type { Sam3Build } from './build.ts';
import type { Sam3Config } from './config.ts';
import { buildDetectionMasks } from './graphs/detection-masks.ts';
import { buildDetector } from './graphs/detector.ts';
import { buildGeometryEncoder } from './graphs/geometry-encoder.ts';
import { buildMaskDecoder } from './graphs/mask-decoder.ts';
import { buildMemoryAttention, type FixedBank } from './graphs/memory-attention.ts';
import { buildMaskDownsample, buildMaskMemory, buildMemoryEncoder } from './graphs/memory-encoder.ts';
import { buildTextEncoder } from './graphs/text-encoder.ts';
import { buildVisionEncoder } from './graphs/vision-encoder.ts';
import type { Sam3Networks } from './networks.ts';

/**
 * What browsers keep of SAM 3: large matrices in 4 bits, with a scale for every 32 columns, the rest in half precision; computed in float32,
 * which every graphics card does, unless a build says otherwise. Blocks of 64 would save 5 % and, for weights of a normal distribution, make every step a tenth
 * coarser.
 */
const browserForm = { precision: 'float32', blockSize: 32 } as const;

/**
 * How much memory attention has room for in browsers, where shapes that change cost a new compilation: as much as is ever attended to
 * by `defaultSam3Options`. It goes along with the graphs, as `Sam3Parts.bank`.
 * @throws RangeError when the configuration does not limit the frames with prompts
 */
export function browserBank({ tracker_config }: Pick<Sam3Config, 'tracker_config'>): FixedBank {
	const { max_cond_frame_num: prompted, num_maskmem, max_object_pointers_in_encoder } = tracker_config;
	if (prompted < 1) throw new RangeError('frames with prompts are without number');
	return { maps: prompted + num_maskmem - 1, pointers: prompted + max_object_pointers_in_encoder - 1 };
}

/** Bytes that an attention's scores may take where they are laid out: the buffers that every graphics card with WebGPU allows. */
export const SCORE_BYTES = 128 * 2 ** 20;

/** For what a browser writes SAM 3's graphs; in float32 when the precision is left out. */
export type BrowserBuild = Pick<Sam3Build, 'weights' | 'config' | 'size' | 'scoreBytes'> &
	Partial<Pick<Sam3Build, 'precision'>>;

/** Everything but the text encoder, which is as large as the rest together: words are read by the server. */
export type BrowserGraph = Exclude<keyof Sam3Networks, 'text'>;

const builders: Readonly<Record<BrowserGraph, (build: Sam3Build) => GraphDefinition>> = {
	vision: (build) => buildVisionEncoder(build),
	geometry: buildGeometryEncoder,
	detector: buildDetector,
	masks: buildDetectionMasks,
	// Most of it are products of few rows, where widening 4 bits takes longer than the product; and it is small.
	decoder: (build) => buildMaskDecoder({ ...build, blockSize: undefined }),
	memoryAttention: (build) => buildMemoryAttention(build, browserBank(build.config)),
	memoryEncoder: buildMemoryEncoder,
	maskMemory: buildMaskMemory,
	maskDownsample: buildMaskDownsample
};

export const browserGraphs = Object.keys(builders) as readonly BrowserGraph[];

/**
 * One graph as it runs in browsers, over weights in their 4-bit form; memory attention is built for `browserBank`.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildBrowserGraph(name: BrowserGraph, build: BrowserBuild): GraphDefinition {
	return storeInHalf(builders[name]({ ...browserForm, ...build }));
}

/**
 * All of them; the weights that they are written over are the same for every size and precision.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildBrowserGraphs(build: BrowserBuild): Readonly<Record<BrowserGraph, GraphDefinition>> {
	return Object.fromEntries(browserGraphs.map((name) => [name, buildBrowserGraph(name, build)])) as Record<
		BrowserGraph,
		GraphDefinition
	>;
}

/**
 * The text encoder as it runs in browsers, for words without a server: its matrices in 4 bits, its table of word pieces in half precision.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildBrowserTextEncoder(build: BrowserBuild): GraphDefinition {
	return storeInHalf(buildTextEncoder({ ...browserForm, scoreBytes: SCORE_BYTES, ...build }));
}
