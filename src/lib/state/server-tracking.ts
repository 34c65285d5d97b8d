import type { Api } from '$lib/api/client.ts';
import type { Size } from '$models/frame.ts';
import { CodedError } from '$models/errors.ts';
import type { RunLengthMask } from '$models/mask.ts';
import type { SegmenterId } from '$models/segmenters.ts';
import { appError } from '$protocol/errors.ts';
import type { TrackJob, TrackJobRequest } from '$protocol/schema.ts';
import { nearest } from '$workers/media/nearest.ts';
import type { WorkerTrackRequest } from '$workers/segment/types.ts';
import { abortable } from './abortable.ts';
import { isActive } from './job-list.svelte.ts';
import { readMasksFile } from './masks-file.ts';
import { PixelScale } from './pixel-scale.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import type { Session } from './session.svelte.ts';
import type { TrackJobs } from './track-jobs.svelte.ts';

export interface ServerTrackingParts {
	readonly session: Pick<Session, 'player' | 'hash' | 'name' | 'upload' | 'sendAgain'>;
	readonly api: Pick<Api, 'masks'>;
	readonly jobs: Pick<TrackJobs, 'when' | 'create' | 'retry'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect'>;
}

/** Longest that reading masks may keep the page from answering, in milliseconds. */
const BREATH = 12;
/** How often a job is run again that the server's end has interrupted: it may be the job that ends it. */
const MOST_INTERRUPTIONS = 3;

/** Has the server follow targets. A server that is away is waited for. */
export class ServerTracking {
	constructor(private readonly parts: ServerTrackingParts) {}

	/** Waits until the server has the clip. @throws CodedError why it refused the clip */
	async uploaded(signal: AbortSignal): Promise<void> {
		const { upload } = this.parts.session;
		if (!upload) throw appError('clip-missing');
		await abortable(upload.ended(), signal);
		const { state: ended } = upload;
		if (ended.kind === 'refused') throw appError(ended.error.code, ended.error.params);
	}

	/**
	 * Asks for a job.
	 * @throws CodedError what the server refuses it for
	 */
	async create(request: WorkerTrackRequest, segmenter: SegmenterId, signal: AbortSignal): Promise<TrackJob> {
		const { session, jobs } = this.parts;
		for (;;) {
			await this.uploaded(signal);
			const created = await this.#persist(() => jobs.create(this.#wire(request, segmenter)), signal).catch(
				(error: unknown) => {
					if (!(error instanceof CodedError && error.code === 'clip-missing')) throw error;
				}
			);
			if (created) return created;
			// The server has lost the clip meanwhile: it is sent again.
			await session.sendAgain();
			signal.throwIfAborted();
		}
	}

	/**
	 * Waits for a job's end. One that the server's own end has interrupted is run again.
	 * @throws CodedError `job-missing`, and why it failed; an AbortError when someone has cancelled it
	 */
	async ended(id: string, signal: AbortSignal): Promise<TrackJob> {
		const { jobs, connection } = this.parts;
		for (let interruptions = 0; ; interruptions++) {
			await abortable(connection.online(), signal);
			const job = await abortable(
				jobs.when(id, (job) => !job || !isActive(job.state)),
				signal
			);
			if (!job) throw appError('job-missing');
			if (job.state === 'done') return job;
			if (job.state === 'failed') throw appError(job.error?.code ?? 'engine-died', job.error?.params);
			if (job.state === 'cancelled') throw new DOMException('the job was cancelled', 'AbortError');
			if (interruptions === MOST_INTERRUPTIONS) throw appError('engine-died');
			await this.#persist(() => jobs.retry(id), signal);
			await abortable(
				jobs.when(id, (job) => job?.state !== 'interrupted'),
				signal
			);
		}
	}

	/**
	 * Reads the masks of a job that is done, from the start again where the server went away in between.
	 * @param take is given each frame's number and its masks by id, of the page's size
	 */
	async read(
		id: string,
		take: (index: number, masks: ReadonlyMap<number, RunLengthMask>) => void,
		signal: AbortSignal
	): Promise<void> {
		const { api, session } = this.parts;
		const { times, ...page } = session.player.info!;
		await this.#persist(async () => {
			const { header, frames } = await readMasksFile(await api.masks(id, signal));
			const scale = new PixelScale(page, header);
			let rested = performance.now();
			for await (const { time, masks } of frames) {
				signal.throwIfAborted();
				take(nearest(times, time), new Map([...masks].map(([id, mask]) => [id, scale.toPage(mask)])));
				if (performance.now() - rested < BREATH) continue;
				await new Promise((resolve) => setTimeout(resolve));
				rested = performance.now();
			}
		}, signal);
	}

	/** Does something again as soon as the server is back, as often as it goes away. */
	async #persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
		const { connection } = this.parts;
		for (;;) {
			await abortable(connection.online(), signal);
			try {
				return await work();
			} catch (error) {
				signal.throwIfAborted();
				if (!(error instanceof CodedError && error.code === 'server-away')) throw error;
				connection.suspect();
			}
		}
	}

	/** The request as the server reads it: frames by their times, pixels as the source has them. */
	#wire({ targets, concept, from, to }: WorkerTrackRequest, segmenter: SegmenterId): TrackJobRequest {
		const { session } = this.parts;
		const { times, width, height } = session.player.info!;
		const upload = session.upload?.state;
		const clip: Size = upload?.kind === 'done' ? upload.clip : { width, height };
		const scale = new PixelScale({ width, height }, clip);
		const timeOf = (frame: number | undefined) => (frame === undefined ? undefined : times[frame]!);
		return {
			...{ clip: session.hash!, name: session.name, segmenter },
			targets: targets.map(({ id, keyframes }) => ({
				id,
				keyframes: keyframes.map(({ frame, prompts, mask }) => ({
					time: times[frame]!,
					prompts: scale.prompts(prompts),
					mask: mask && scale.toClip(mask)
				}))
			})),
			concept: concept && {
				what: scale.concept({ words: concept.words, examples: concept.examples }),
				time: timeOf(concept.frame)
			},
			...{ from: timeOf(from), to: timeOf(to) }
		};
	}
}
