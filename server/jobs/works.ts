import type { Clip, JobRequest, TrackJobRequest } from '../protocol/schema.ts';
import { isTrackJob, keyframes, tracking } from '../protocol/schema.ts';
import type { Session, SessionStore } from '../store/sessions.ts';
import { KnownKeys, MatteWork } from './matte-work.ts';
import { checkMatting, checkTracking } from './request.ts';
import { TrackWork } from './track-work.ts';
import type { Work, WorkParts } from './work.ts';

/** Makes the work of a job from what a client asks for, and again from what its session keeps of that. */
export class Works {
	readonly #keys = new KnownKeys();

	constructor(
		private readonly parts: WorkParts,
		private readonly sessions: Pick<SessionStore, 'saved'>
	) {}

	/** @throws CodedError `mask-size`, `mask-empty`, `keyframe-missing`, `request-invalid` */
	matte(request: JobRequest, clip: Clip): Work {
		checkMatting(request, clip);
		return new MatteWork({ ...this.parts, keys: this.#keys }, clip, request);
	}

	/** @throws CodedError `keyframe-missing`, `mask-…`, `prompt-…`, `box-empty`, `words-empty`; what keeps the segmenter from running */
	async track(request: TrackJobRequest, clip: Clip): Promise<Work> {
		const looksFor = request.concept !== undefined;
		const { id } = await this.parts.engines.readySegmenter(request.segmenter, looksFor);
		const { targets, concept, from, to } = request;
		const asked = { targets, concept, from, to };
		checkTracking(asked, id, clip);
		return new TrackWork(this.parts, clip, id, asked);
	}

	async ofSession({ job, clip }: Session): Promise<Work> {
		if (isTrackJob(job)) {
			return new TrackWork(this.parts, clip, job.segmenter, await this.sessions.saved(job.id, tracking));
		}
		const making = { ...job, keyframes: await this.sessions.saved(job.id, keyframes) };
		return new MatteWork({ ...this.parts, keys: this.#keys }, clip, making, job.key);
	}
}
