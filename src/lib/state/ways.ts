import { z } from 'zod';
import { CodedError, type ErrorParams } from '$models/errors.ts';
import type { FloatType } from '$models/onnx/types.ts';
import { segmenterInfo, type SegmenterId } from '$models/segmenters.ts';
import type { Health, SegmenterStatus } from '$protocol/schema.ts';
import type { SegmenterInfo } from '$workers/segment/types.ts';
import type { ConnectionStatus } from './server-connection.svelte.ts';

/** Who can answer prompts, the best first: SAM 3 in this browser, SAM 3 on the server, the classic segmenter in this browser. */
export const ways = ['webgpu', 'wasm', 'server', 'classic'] as const;
export type Way = (typeof ways)[number];

/** Why a way is not used: the codes of errors, of providers, and these. */
export const wayProblems = [
	/** The graphics card allows no buffer as large as the smallest input needs: needed, limit (bytes). */
	'webgpu-too-small',
	/** A frame at the smallest input size takes too long: seconds. */
	'sam3-slow',
	/** SAM 3's weights are not in this browser. */
	'way-not-kept',
	/** Its weights come from a formula, so that its masks would mean nothing. */
	'way-stand-in',
	/** The clip is still being sent to the server. */
	'way-clip',
	/** Another one was chosen. */
	'way-other'
] as const;

export interface WayProblem {
	readonly code: string;
	readonly params: ErrorParams;
}

/** Why a way is not used; `wayReasonMessage` has the words. */
export interface WayReason extends WayProblem {
	readonly way: Way;
}

/** What the user chose of how prompts are answered; what is left out is chosen by what the machine can do. */
export interface SegmentationWish {
	readonly way?: Way;
	/** The side of the networks' input in a browser, in pixels. */
	readonly size?: number;
	readonly precision?: FloatType;
}

const segmentationWish: z.ZodType<SegmentationWish> = z.object({
	way: z.enum(ways).optional(),
	size: z.number().int().positive().optional(),
	precision: z.enum(['float32', 'float16']).optional()
});

/** Reads a wish from what was kept of it; nothing is wished for where that is none. */
export function parseWish(text: string | null): SegmentationWish {
	try {
		return segmentationWish.safeParse(JSON.parse(text ?? '{}')).data ?? {};
	} catch {
		return {};
	}
}

/** SAM 3's weights that this browser keeps. */
export interface KeptWeights {
	/** SHA-256. */
	readonly weights: string;
	/** What its file is packed in. */
	readonly form?: string;
	readonly standIn: boolean;
}

/** What keeps the browser's ways from being used, as far as is known before they are opened. */
export function browserProblem(kept: KeptWeights | undefined, chosen: boolean): WayProblem | undefined {
	if (!kept) return { code: 'way-not-kept', params: {} };
	return kept.standIn && !chosen ? { code: 'way-stand-in', params: {} } : undefined;
}

/** What keeps the server's SAM 3 from being used. */
export function serverProblem(
	status: ConnectionStatus,
	health: Health | undefined,
	chosen: boolean
): WayProblem | undefined {
	const sam3 = sam3Of(health);
	if (status !== 'online' || !sam3) return { code: 'server-away', params: {} };
	if (!sam3.available) return sam3.problem ?? { code: 'model-absent', params: { name: 'SAM 3' } };
	return sam3.standIn && !chosen ? { code: 'way-stand-in', params: {} } : undefined;
}

/** SAM 3 on the server. */
export function sam3Of(health: Health | undefined): SegmenterStatus | undefined {
	return health?.segmenters.find(({ id }) => id === 'sam3');
}

/** What is known of a segmenter before it is opened. */
export function expectedInfo(
	id: SegmenterId,
	{ standIn = false, weights }: { readonly standIn?: boolean; readonly weights?: string } = {}
): SegmenterInfo {
	const { prompts, refines, concepts } = segmenterInfo(id);
	return { engine: id, prompts, refines, concepts, standIn, weights, reasons: [] };
}

/** Failures of SAM 3 itself in this browser; all other codes are about the question. */
const browserFailures: readonly string[] = [
	...['gpu-lost', 'out-of-memory', 'engine-died', 'provider-failed'],
	...['weights-absent', 'weights-missing', 'weights-shape', 'weights-other']
];
/** What the server says of a question; all other codes are about itself. */
const aboutQuestions = /^(prompt|box|words|mask|keyframe|frame|clip)-|^(no-match|memory-busy)$/;

/**
 * What an error says of the way that it came from; undefined where it is about the question, or the end that was asked for.
 * @param opening whether the way was being opened
 */
export function wayFailure(way: Way, error: unknown, opening = false): WayProblem | undefined {
	if (error instanceof CodedError) {
		const { code, params } = error;
		const fails = way === 'server' ? !aboutQuestions.test(code) : browserFailures.includes(code);
		return opening || fails ? { code, params } : undefined;
	}
	if (error instanceof Error && error.name === 'AbortError') return undefined;
	console.error(error);
	return { code: 'page-defect', params: { problem: error instanceof Error ? error.message : String(error) } };
}
