import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import type { MatteOptions } from '../../models/matter.ts';
import { engineInfo, type EngineId } from '../../models/registry.ts';
import { defaultSegmenter, segmenterInfo, trackedBy, type SegmenterId } from '../../models/segmenters.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import type { JobRequest, Tracking } from './schema.ts';

/** What makes a result: everything but the clip's name. */
export type ResultMaking = Pick<
	JobRequest,
	'clip' | 'keyframes' | 'engine' | 'options' | 'outputs' | 'segmenter'
>;

/** What made a result besides what was asked for. */
export interface ResultMaker {
	/** The program's version. */
	readonly version: string;
	/** SHA-256 of the engine's weights, where it has any. */
	readonly weights?: string;
	/** SHA-256 of the weights of the segmenter that tracks the masks, where it has any. */
	readonly segmenterWeights?: string;
}

/**
 * What makes a result, as one text: the clip's hash, the masks, the engine, its revision and weights, the same of the segmenter that
 * tracks the masks for it unless that is the default one as it first was, the options that it heeds, the outputs and the program's
 * version. The order in which keyframes and outputs are listed changes nothing, nor does what computes. The SHA-256 of this text in
 * UTF-8, in hexadecimal, is the result's key, in browser and server alike.
 */
export function describeResult(making: ResultMaking, maker: ResultMaker): string {
	const { version, weights } = maker;
	const { clip, engine } = making;
	const { revision } = engineInfo(engine);
	const options = heededOptions(making.options, engine);
	const keyframes = [...making.keyframes].sort((a, b) => a.time - b.time);
	const outputs = [...new Set(making.outputs)].sort();
	const tracker = trackedBy(making);
	// Results from before there was a choice keep their keys.
	const isFirst = tracker === defaultSegmenter && segmenterInfo(tracker).revision === '1';
	const segmenter = isFirst ? undefined : tracker && describeSegmenter(tracker, maker.segmenterWeights);
	return canonicalJson({ clip, keyframes, engine, revision, weights, segmenter, options, outputs, version });
}

/** What makes the masks of a tracking job, as one text like that of `describeResult`. */
export function describeTracking(
	clip: string,
	segmenter: SegmenterId,
	{ targets, concept, from, to }: Tracking,
	{ version, weights }: ResultMaker
): string {
	const inOrder = [...targets].sort((a, b) => a.id - b.id);
	const what = { targets: inOrder, concept, from, to };
	return canonicalJson({ clip, track: what, segmenter: describeSegmenter(segmenter, weights), version });
}

function describeSegmenter(id: SegmenterId, weights: string | undefined): object {
	return { id, revision: segmenterInfo(id).revision, weights };
}

/** The options that an engine heeds, spelled out. */
export function heededOptions(options: MatteOptions, engine: EngineId): Partial<MatteOptions> {
	const { edgeRadius, grow, matanyone, videomama, ...every } = options;
	const { model } = engineInfo(engine);
	if (!model) return { ...every, edgeRadius, grow };
	if (model === 'videomama') return { ...every, videomama: { ...defaultVideoMaMaOptions, ...videomama } };
	return { ...every, matanyone: { ...defaultMatAnyoneOptions, ...matanyone } };
}

/** JSON in which equal values are equal texts: the names of an object in order. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_name, part: unknown) =>
		part !== null && typeof part === 'object' && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part
	);
}
