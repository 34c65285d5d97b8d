import type { PromptKind } from './segmenter.ts';

/** What a user is told of an engine before choosing it. */
export interface EngineInfo {
	readonly id: EngineId;
	/** Whether it needs a mask for keyframes only, or for every frame (then the segmenter tracks it first). */
	readonly masks: 'keyframes' | 'every-frame';
	/** SPDX identifier or name of the licence that its weights and code come under. */
	readonly licence: string;
	readonly commercialUse: boolean;
	/** Bytes to download before first use; 0 for the embedded engine. */
	readonly download: number;
	/** The part of a result's key that changes when the engine's answers do. */
	readonly revision: string;
}

/** Every engine that this program can run. */
export const engines = [
	{
		id: 'classic',
		masks: 'every-frame',
		licence: 'MIT; OpenCV: Apache-2.0',
		commercialUse: true,
		download: 0,
		revision: '1'
	}
] as const satisfies readonly (Omit<EngineInfo, 'id'> & { id: string })[];

export type EngineId = 'classic';

/** The prompts that the embedded segmenter understands. */
export const classicPrompts: readonly PromptKind[] = ['point', 'box', 'stroke'];
