import { segmenterIds, type SegmenterId } from '../../models/segmenters.ts';
import { Turns } from '../../models/turns.ts';
import type { Config } from '../config.ts';
import { checkAnswerable, checkTime } from '../jobs/request.ts';
import { appError } from '../protocol/errors.ts';
import type { SegmentAnswer, SegmentRequest } from '../protocol/prompts.ts';
import type { ClipStore } from '../store/clips.ts';
import { Askers } from './askers.ts';
import type { EngineCatalogue } from './catalogue.ts';
import { readyFrameMemory, sum, type Memory } from './memory.ts';
import type { EnginePool } from './pool.ts';
import { promptProcess, type TaskOf } from './task.ts';

/** Most frames that are kept ready. */
const KEPT_FRAMES = 8;

export interface PromptingParts {
	readonly clips: Pick<ClipStore, 'get' | 'path' | 'touch'>;
	readonly engines: Pick<EngineCatalogue, 'readySegmenter' | 'needSegmenter'>;
	readonly pool: Pick<EnginePool, 'run' | 'hasLoaded'>;
	readonly config: Pick<Config, 'promptMinutes' | 'promptMemory'>;
}

/**
 * Answers prompts on frames. Each segmenter does so in a process of its own, apart from those of jobs, which has loaded it once and keeps
 * the frames that were asked ready for the next prompt.
 */
export class Prompting {
	readonly #askers = new Askers();
	readonly #turns = new Map<SegmenterId, Turns>(segmenterIds.map((id) => [id, new Turns()]));

	constructor(private readonly parts: PromptingParts) {}

	/**
	 * Answers prompts, or finds what is looked for.
	 * @param signal aborted when nobody waits for the answer any more
	 * @throws CodedError `clip-missing`, `keyframe-missing` behind the clip's end, `prompt-…`, `box-empty`, `words-…`, `mask-…`, what keeps
	 * the segmenter from running; `prompt-superseded`, `memory-busy`, `memory-short`, `engine-died`
	 */
	answer(request: SegmentRequest, signal: AbortSignal): Promise<SegmentAnswer> {
		return this.#askers.ask(request.asker, signal, async (waiting, begin) => {
			const { task, need } = await this.#plan(request);
			return this.#turns.get(task.spec.segmenter)!.take(() => {
				begin();
				return this.parts.pool.run(task, need, { signal, onProgress: () => {} });
			}, waiting);
		});
	}

	/** Whether a segmenter is loaded for prompts now. */
	isLoaded(segmenter: SegmenterId): boolean {
		return this.parts.pool.hasLoaded(promptProcess(segmenter));
	}

	/** What the segmenter is to be asked, once the request was found right, and the memory that it takes. */
	async #plan(request: SegmentRequest): Promise<{ task: TaskOf<'segment'>; need: Memory }> {
		const { clips, engines, config } = this.parts;
		const clip = clips.get(request.clip);
		if (!clip) throw appError('clip-missing');
		checkTime(request.time, clip);
		const state = await engines.readySegmenter(request.segmenter, request.concept !== undefined);
		checkAnswerable(request, state.id, clip);
		await clips.touch(clip.hash);

		const { time, prompts, mask, concept } = request;
		const bytes = Math.min(config.promptMemory, KEPT_FRAMES * readyFrameMemory(state.id, clip));
		const keep = { milliseconds: config.promptMinutes * 60_000, bytes };
		const asked = { clip: clips.path(clip), time, prompts, mask, concept };
		const task: TaskOf<'segment'> = {
			kind: 'segment',
			spec: { ...asked, segmenter: state.id, setup: state.setup, keep }
		};
		return { task, need: sum(engines.needSegmenter(state, clip), { main: bytes, device: 0 }) };
	}
}
