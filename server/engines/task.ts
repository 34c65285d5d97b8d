import { z } from 'zod';
import { trackedBy, type SegmenterId } from '../../models/segmenters.ts';
import { jobOutcome, jobSpec, type JobOutcome } from './job-spec.ts';
import { phraseOutcome, phraseSpec, type PhraseOutcome } from './phrase-spec.ts';
import { segmentOutcome, segmentSpec, type SegmentOutcome } from './segment-spec.ts';
import { trackOutcome, trackSpec, type TrackOutcome } from './track-spec.ts';
import { translationOutcome, translationSpec, type TranslationOutcome } from './translation-spec.ts';

/**
 * What an engine's process can be asked for: to matte a clip, to follow targets through one, to answer prompts on a frame, to read words,
 * to translate them.
 */
export const task = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('matte'), spec: jobSpec }),
	z.object({ kind: z.literal('track'), spec: trackSpec }),
	z.object({ kind: z.literal('segment'), spec: segmentSpec }),
	z.object({ kind: z.literal('phrase'), spec: phraseSpec }),
	z.object({ kind: z.literal('translate'), spec: translationSpec })
]);
export type Task = z.infer<typeof task>;
export type TaskKind = Task['kind'];
export type TaskOf<K extends TaskKind> = Extract<Task, { kind: K }>;

/** What comes of each. */
export interface Outcomes {
	readonly matte: JobOutcome;
	readonly track: TrackOutcome;
	readonly segment: SegmentOutcome;
	readonly phrase: PhraseOutcome;
	readonly translate: TranslationOutcome;
}

export const outcomes: { readonly [K in TaskKind]: z.ZodType<Outcomes[K]> } = {
	matte: jobOutcome,
	track: trackOutcome,
	segment: segmentOutcome,
	phrase: phraseOutcome,
	translate: translationOutcome
};

/** Names what a process loads for a task: one that has loaded the same serves the next task of that name. */
export function processName({ kind, spec }: Task): string {
	if (kind === 'segment') return promptProcess(spec.segmenter);
	if (kind === 'phrase' || kind === 'translate') return kind;
	if (kind === 'track') return `track ${spec.segmenter}`;
	return ['matte', spec.engine, trackedBy(spec)].filter(Boolean).join(' ');
}

/** Names the process that answers prompts with a segmenter. */
export function promptProcess(segmenter: SegmenterId): string {
	return `segment ${segmenter}`;
}
