import { classicPrompts, engineInfo, type EngineId, type ModelId } from './registry.ts';
import type { PromptKind } from './segmenter.ts';

export const segmenterIds = ['classic', 'sam3'] as const;
export type SegmenterId = (typeof segmenterIds)[number];

/** What a segmenter can do, and what it needs. */
export interface SegmenterInfo {
	readonly id: SegmenterId;
	/** The model whose weights it needs; absent for one without weights. */
	readonly model?: ModelId;
	/** The prompts that it understands. */
	readonly prompts: readonly PromptKind[];
	/** Whether prompts can correct a mask that is given with them. */
	readonly refines: boolean;
	/** Whether it finds things by words and examples. */
	readonly concepts: boolean;
	/** The part of a result's key that changes when the segmenter's masks do; its weights have a name of their own there. */
	readonly revision: string;
}

/** Every segmenter that this program can run. */
export const segmenters: readonly SegmenterInfo[] = [
	{ id: 'classic', prompts: classicPrompts, refines: false, concepts: false, revision: '1' },
	{
		...{ id: 'sam3', model: 'sam3', prompts: ['point', 'box', 'stroke'] },
		...{ refines: true, concepts: true, revision: '1' }
	}
];

/** The segmenter that tracks the masks for a matte, unless another is chosen: it is there on every machine. */
export const defaultSegmenter: SegmenterId = 'classic';

/** The segmenter that tracks the masks of a matting job; undefined for an engine that needs masks of keyframes only. */
export function trackedBy(job: {
	readonly engine: EngineId;
	/** The one that was chosen. */
	readonly segmenter?: SegmenterId;
}): SegmenterId | undefined {
	return engineInfo(job.engine).masks === 'every-frame' ? (job.segmenter ?? defaultSegmenter) : undefined;
}

/**
 * Whether an engine begins only when every mask is there: its network and that which tracks would not fit into memory together, so one goes
 * before the other comes.
 */
export function tracksFirst(engine: EngineId): boolean {
	const { masks, model } = engineInfo(engine);
	return masks === 'every-frame' && model !== undefined;
}

/** The segmenter of an id. */
export function segmenterInfo(id: SegmenterId): SegmenterInfo {
	return segmenters.find((segmenter) => segmenter.id === id)!;
}
