import { segmenterIds, type SegmenterId } from '../../models/segmenters.ts';
import type { Config } from '../config.ts';
import { checkAnswerable, checkTime } from '../jobs/request.ts';
import { appError } from '../protocol/errors.ts';
import type { SegmentAnswer, SegmentRequest } from '../protocol/prompts.ts';
import type { ClipStore } from '../store/clips.ts';
import type { EngineCatalogue } from './catalogue.ts';
import { readyFrameMemory, sum } from './memory.ts';
import type { EnginePool } from './pool.ts';
import { promptProcess, type TaskOf } from './task.ts';
import { Turns } from './turns.ts';

/** Most frames that are kept ready. */
const KEPT_FRAMES = 8;

export interface PromptingParts {
	readonly clips: Pick<ClipStore, 'get' | 'path' | 'touch'>;
	readonly engines: EngineCatalogue;
	readonly pool: EnginePool;
	readonly config: Pick<Config, 'promptMinutes' | 'promptMemory'>;
}

/**
 * Answers prompts on frames. Each segmenter does so in a process of its own, apart from those of jobs, which has loaded it once and keeps
 * the frames that were asked ready for the next prompt.
 */
export class Prompting {
	readonly #turns = new Map<SegmenterId, Turns>(segmenterIds.map((id) => [id, new Turns()]));

	constructor(private readonly parts: PromptingParts) {}

	/**
	 * Answers prompts, or finds what is looked for.
	 * @param signal aborted when nobody waits for the answer any more
	 * @throws CodedError `clip-missing`, `keyframe-missing` behind the clip's end, `prompt-…`, `box-empty`, `words-…`, `mask-…`, what keeps
	 * the segmenter from running; `prompt-superseded`, `memory-busy`, `memory-short`, `engine-died`
	 */
	async answer(request: SegmentRequest, signal: AbortSignal): Promise<SegmentAnswer> {
		const { clips, engines, pool, config } = this.parts;
		const clip = clips.get(request.clip);
		if (!clip) throw appError('clip-missing');
		checkTime(request.time, clip);
		const state = await engines.readySegmenter(request.segmenter, request.concept !== undefined);
		checkAnswerable(request, state.id, clip);
		await clips.touch(clip.hash);

		const { time, prompts, mask, concept, asker } = request;
		const bytes = Math.min(config.promptMemory, KEPT_FRAMES * readyFrameMemory(state.id, clip));
		const keep = { milliseconds: config.promptMinutes * 60_000, bytes };
		const asked = { clip: clips.path(clip), time, prompts, mask, concept };
		const task: TaskOf<'segment'> = {
			kind: 'segment',
			spec: { ...asked, segmenter: state.id, setup: state.setup, keep }
		};
		const need = sum(engines.needSegmenter(state, clip), { main: bytes, device: 0 });
		return this.#turns
			.get(state.id)!
			.take(asker, signal, () => pool.run(task, need, { signal, onProgress: () => {} }));
	}

	/** Whether a segmenter is loaded for prompts now. */
	isLoaded(segmenter: SegmenterId): boolean {
		return this.parts.pool.has(promptProcess(segmenter));
	}
}
