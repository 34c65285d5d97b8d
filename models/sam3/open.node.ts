import { lazyNetworks } from '../lazy-networks.ts';
import { storeInHalf } from '../onnx/store-in-half.ts';
import type { FloatType, GraphDefinition } from '../onnx/types.ts';
import type { NodeRuntime } from '../runtime.node.ts';
import type { Network } from '../runtime.ts';
import type { Segmenter } from '../segmenter.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { checkUnchanged, openNetworks } from '../weights/networks.node.ts';
import type { Sam3Build } from './build.ts';
import { readSam3Config } from './config.node.ts';
import { readConstants } from './constants.ts';
import { buildDetectionMasks } from './graphs/detection-masks.ts';
import { buildDetector } from './graphs/detector.ts';
import { buildGeometryEncoder } from './graphs/geometry-encoder.ts';
import { buildMaskDecoder } from './graphs/mask-decoder.ts';
import { buildMemoryAttention } from './graphs/memory-attention.ts';
import { buildMaskDownsample, buildMaskMemory, buildMemoryEncoder } from './graphs/memory-encoder.ts';
import { buildTextEncoder } from './graphs/text-encoder.ts';
import { buildVisionEncoder } from './graphs/vision-encoder.ts';
import type { Sam3Networks } from './networks.ts';
import type { Sam3Options } from './options.ts';
import { Phrases } from './phrases.ts';
import { createSam3Segmenter } from './segmenter.ts';
import { openTokenizer } from './tokenizer.node.ts';

export interface OpenSam3 {
	/** The official checkpoint's folder: `model.safetensors`, `config.json` and the tokenizer's files. */
	readonly folder: string;
	/** A folder of ours, for what is made of weights that cannot be written beside them. */
	readonly cache: string;
	readonly runtime: NodeRuntime;
	readonly precision: FloatType;
	/** The side of the input in pixels, a multiple of the patch; the configuration's own (1008) when left out. */
	readonly size?: number;
	/** Columns that share a scale where matrices are kept in 4 bits; whole numbers when left out. */
	readonly blockSize?: number;
	readonly options?: Sam3Options;
	readonly signal?: AbortSignal;
}

/** The graphs that are opened together, since whoever needs one needs the others. Clicks come first, the rest waits until it is needed. */
const groups = {
	clicks: {
		vision: buildVisionEncoder,
		decoder: buildMaskDecoder
	},
	tracking: {
		memoryAttention: (build: Sam3Build) => buildMemoryAttention(build),
		memoryEncoder: buildMemoryEncoder,
		maskMemory: buildMaskMemory,
		maskDownsample: buildMaskDownsample
	},
	words: { text: buildTextEncoder },
	concepts: { geometry: buildGeometryEncoder, detector: buildDetector, masks: buildDetectionMasks }
} as const satisfies Readonly<Record<string, Partial<Record<keyof Sam3Networks, BuildGraph>>>>;

type BuildGraph = (build: Sam3Build) => GraphDefinition;

/** Graphs that run now and then only, for whose memory the others have a better use. */
const occasional = ['text'];

/**
 * Opens SAM 3 from its official checkpoint. The vision encoder and the mask decoder are loaded at once; the text encoder, the detector and
 * the tracker's memory when they are first needed.
 * @throws CodedError `weights-…`, `model-damaged` when a file is missing, `weights-other` for another model's, `out-of-memory`,
 * `disk-full`; the signal's reason when it was aborted
 * @throws RangeError when `size` is no multiple of the patch
 */
export async function openSam3(open: OpenSam3): Promise<Segmenter> {
	const { folder, cache, runtime, precision, blockSize, options, signal } = open;
	const config = await readSam3Config(folder);
	const checkpoint = await openCheckpoint(folder, signal);
	const { image_size } = config.detector_config.vision_config.backbone_config;
	const size = open.size ?? image_size;
	const { provider } = runtime;
	const build: Sam3Build = { weights: checkpoint.tensors, config, size, precision, blockSize, provider };
	const write = (buildGraph: BuildGraph) =>
		blockSize === undefined ? buildGraph(build) : storeInHalf(buildGraph(build));

	const openGroup = async <Name extends string>(
		builders: Readonly<Record<Name, BuildGraph>>,
		signal?: AbortSignal
	): Promise<Record<Name, Network>> => {
		await checkUnchanged(checkpoint, folder);
		const graphs = mapValues(builders, write);
		const names = (Object.keys(graphs) as Name[]).filter((name) => occasional.includes(name));
		return openNetworks(runtime, graphs, { checkpoint, folder, cache }, { occasional: names, signal });
	};
	const later = <Name extends string>(builders: Readonly<Record<Name, BuildGraph>>) => {
		// What the weights lack is told at once.
		Object.values<BuildGraph>(builders).forEach(write);
		return lazyNetworks(Object.keys(builders) as Name[], (signal) => openGroup(builders, signal));
	};

	const [constants, tokenizer] = await Promise.all([
		readConstants(checkpoint),
		openTokenizer(folder, config)
	]);
	const phrases = new Phrases(later(groups.words), tokenizer);
	const networks: Omit<Sam3Networks, 'text'> = {
		...later(groups.tracking),
		...later(groups.concepts),
		...(await openGroup(groups.clicks, signal))
	};
	return createSam3Segmenter({ networks, config, constants, size, phrases, options });
}

function mapValues<Name extends string, From, To>(
	record: Readonly<Record<Name, From>>,
	change: (value: From) => To
): Record<Name, To> {
	const entries = Object.entries<From>(record).map(([name, value]) => [name, change(value)]);
	return Object.fromEntries(entries) as Record<Name, To>;
}
