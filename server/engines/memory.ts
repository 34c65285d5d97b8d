import type { Size } from '../../models/frame.ts';
import { canvasSize } from '../../models/matanyone/canvas.ts';
import { networkMemory, type Precision } from '../../models/matanyone/matter.ts';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from '../../models/matanyone/options.ts';
import type { MatteOptions } from '../../models/matter.ts';
import type { EngineId } from '../../models/registry.ts';
import type { SegmenterId } from '../../models/segmenters.ts';
import { attentionOn } from '../../models/videomama/attention.ts';
import { videoMaMaMemory } from '../../models/videomama/estimate.ts';
import { defaultVideoMaMaOptions, type VideoMaMaOptions } from '../../models/videomama/options.ts';
import { videoMaMaPresets } from '../../models/videomama/presets.ts';
import type { EngineSetup } from './setup.ts';

/** Bytes of main memory and of the graphics card's own. */
export interface Memory {
	readonly main: number;
	readonly device: number;
}

/** What two take together. */
export function sum(a: Memory, b: Memory): Memory {
	return { main: a.main + b.main, device: a.device + b.device };
}

/** What two take one after the other. */
export function larger(a: Memory, b: Memory): Memory {
	return { main: Math.max(a.main, b.main), device: Math.max(a.device, b.device) };
}

/** What a process takes before it does anything: Node, FFmpeg, ONNX Runtime or OpenCV. */
const PROCESS = 250e6;

/**
 * What ONNX Runtime takes over what a network computes with, since its arenas grow in large steps and are kept: measured on the CPU,
 * 0.70 GB at 512x288 and 1.14 GB at 864x480, of which 0.44 and 0.66 GB are accounted for.
 */
const ARENAS = 1.75;

/** Parameters of SAM 3's networks, all of them (docs: 859.9 million in `facebook/sam3`). */
const SAM3_PARAMETERS = 860e6;
/**
 * What its networks compute with beside them, in bytes of float32: 1.8 GB with one target at 1008 pixels (`npm run bench -- sam3 --use`), and
 * some for more.
 */
const SAM3_WORKING = 2.5e9;
/** Parameters of its text encoder, of those: 24 layers of width 1024, and a table of 49408 word pieces. */
const TEXT_PARAMETERS = 354e6;
/** Bytes of a frame that is ready for SAM 3's prompts: detector features 111 MB and tracker features 21 MB at 1008 pixels. */
const SAM3_FEATURES = 132e6;

/** Bytes of what SAM 3 remembers of a target on a frame, in main memory: 64 numbers of 16 bits for each cell of a grid of 72 x 72. */
const SAM3_MAP = 2 * 64 * 72 ** 2;
/** Frames without prompts that a target is remembered by. */
const SAM3_RECENT = 10;
/** How many things words or examples are taken to find: nobody knows before. */
const SAM3_FOUND = 20;

/** What is followed through a clip. */
export interface Followed {
	readonly targets: number;
	/** Of all targets together: each is remembered to the end. */
	readonly keyframes: number;
	/** Whether things are looked for besides. */
	readonly looksFor?: boolean;
}

/**
 * Bytes that a segmenter takes, in the process that answers prompts or tracks, without the frames that are kept ready.
 * @param followed what it tracks, where it does
 */
export function segmenterMemory(
	id: SegmenterId,
	size: Size,
	setup?: EngineSetup,
	followed?: Followed
): Memory {
	if (id === 'classic' || !setup) return { main: classicMemory(size), device: 0 };
	const bytes = setup.precision === 'float16' ? 2 : 4;
	const network = bytes * SAM3_PARAMETERS + (bytes / 4) * SAM3_WORKING;
	const rest = PROCESS + frames(size.width * size.height) + (followed ? remembered(followed) : 0);
	return setup.provider === 'cpu' ? { main: rest + network, device: 0 } : { main: rest, device: network };
}

/** Bytes that SAM 3's text encoder takes, in the process that reads phrases. */
export function phraseMemory({ provider, precision }: EngineSetup): Memory {
	const network = (precision === 'float16' ? 2 : 4) * TEXT_PARAMETERS;
	return provider === 'cpu' ? { main: PROCESS + network, device: 0 } : { main: PROCESS, device: network };
}

/**
 * Bytes that the translator takes in its process: 77.9 million parameters in float32, and what it computes with; 0.72 GB were measured. It runs
 * on the CPU, where a phrase takes a moment, and leaves a graphics card's memory to others.
 */
export const translatorMemory: Memory = { main: PROCESS + 4 * 77.9e6 + 160e6, device: 0 };

function remembered({ targets, keyframes, looksFor }: Followed): number {
	const followed = targets + (looksFor ? SAM3_FOUND : 0);
	return SAM3_MAP * (keyframes + SAM3_RECENT * followed);
}

/** Bytes that a frame holds while it is ready for prompts. */
export function readyFrameMemory(id: SegmenterId, { width, height }: Size): number {
	return 4 * width * height + (id === 'sam3' ? SAM3_FEATURES : 0);
}

/** Bytes of main memory that a job with an engine without weights takes, its decoder and encoders included. */
export function classicMemory({ width, height }: Size): number {
	return PROCESS + 192e6 + frames(width * height);
}

/** Bytes that a MatAnyone job takes of the memory that its network computes in, at most: the whole frame, not the target's region. */
export function matAnyoneMemory(size: Size, { matanyone }: MatteOptions, precision: Precision): number {
	const options = matanyone ?? defaultMatAnyoneOptions;
	return ARENAS * networkMemory(canvasSize(size, options.maxSize), precision, options);
}

/** Bytes that a VideoMaMa job takes of the memory that its networks compute in. */
export function networkMemoryOfVideoMaMa(
	size: Size,
	options: Pick<VideoMaMaOptions, 'maxSize' | 'window'>,
	{ provider, precision }: Pick<EngineSetup, 'provider' | 'precision'>
): number {
	return videoMaMaMemory(size, options, { precision, attention: attentionOn(provider) });
}

/** Bytes of the same that its smallest preset takes. */
export function leastVideoMaMaMemory(setup: Pick<EngineSetup, 'provider' | 'precision'>): number {
	return networkMemoryOfVideoMaMa({ width: 1920, height: 1080 }, videoMaMaPresets[0], setup);
}

/** Bytes that a job of an engine with weights takes of the memory that its network computes in. */
export function jobMemory(
	engine: EngineId,
	size: Size,
	options: MatteOptions,
	setup: Pick<EngineSetup, 'provider' | 'precision'>
): number {
	if (engine !== 'videomama') return matAnyoneMemory(size, options, setup.precision);
	return networkMemoryOfVideoMaMa(size, { ...defaultVideoMaMaOptions, ...options.videomama }, setup);
}

/** Bytes of main memory that such a job takes besides; a window's frames are held with their masks and alphas. */
export function jobOverhead(engine: EngineId, { width, height }: Size, { videomama }: MatteOptions): number {
	const held = engine === 'videomama' ? (videomama ?? defaultVideoMaMaOptions).window : 0;
	return PROCESS + frames(width * height) + held * 16 * width * height;
}

/** Whether the engine finds a way within the memory that it has, or says that there is none. */
export function fitsItself(engine: EngineId, { matanyone, videomama }: MatteOptions): boolean {
	if (engine === 'videomama') return { ...defaultVideoMaMaOptions, ...videomama }.allowSmaller;
	const { crop, allowSmaller } = { ...defaultMatAnyoneOptions, ...matanyone };
	return crop || allowSmaller;
}

/** The most pixels that MatAnyone can work on at once in the memory that it was given, with so many frames in its own. */
export function workingPixels(
	{ memory, precision }: Pick<EngineSetup, 'memory' | 'precision'>,
	options: Pick<MatAnyoneOptions, 'maxMemFrames'>
): number {
	let [fits, exceeds] = [0, 2 ** 28];
	while (exceeds - fits > 256) {
		const middle = (fits + exceeds) / 2;
		if (ARENAS * networkMemory({ width: middle, height: 1 }, precision, options) <= memory) fits = middle;
		else exceeds = middle;
	}
	return Math.floor(fits);
}

/** Frames on their way between decoder, engine and encoders: about 16, with their alphas and foregrounds. */
function frames(pixels: number): number {
	return 16 * 9 * pixels;
}
