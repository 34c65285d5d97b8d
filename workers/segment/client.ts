import { proxy, transfer } from 'comlink';
import type { Size } from '../../models/frame.ts';
import type { RunLengthMask } from '../../models/mask.ts';
import type { Concept, Prompt } from '../../models/segmenter.ts';
import { appError } from '../../server/protocol/errors.ts';
import { LatestQueue } from '../latest.ts';
import { connect, type Connection } from '../rpc.ts';
import type {
	DetectAnswer,
	OpenStage,
	Sam3Wish,
	SegmentAnswer,
	SegmentApi,
	SegmenterInfo,
	TrackedMasks,
	WorkerTrackRequest
} from './types.ts';

/** A frame that prompts are about. The worker is given its picture only when it does not have it. */
export interface PromptedFrame {
	readonly key: string;
	/** Seconds after the clip's first frame. */
	readonly time: number;
	/** SHA-256 of the clip, once the server has all of it. */
	readonly clip?: string;
	/** Of the masks that are wanted, in the page's square pixels. */
	readonly size: Size;
	picture(): Promise<ImageBitmap>;
}

/**
 * Whose answer it is: a target's id, or the preview on hover. Of what one asks on one frame, only the newest is answered; a preview gives way
 * to all others.
 */
export type Asker = number | 'preview';

export interface SegmentClientOptions {
	/** Opens SAM 3 in the worker, and in the one that replaces it; without, the classic segmenter answers. */
	readonly sam3?: Sam3Wish;
	readonly onStage?: (stage: OpenStage) => void;
	/** Told when a frame is begun to be made ready, and when it is. */
	readonly onEncoding?: (encoding: boolean) => void;
	readonly start?: () => Connection<SegmentApi>;
	/** Milliseconds after which a worker that does not answer counts as stuck; more where frames take long. */
	readonly patience?: number;
}

type Api = Connection<SegmentApi>['api'];

interface Task {
	readonly frame: PromptedFrame;
	/** Of the tasks with one key, only the newest waits. */
	readonly key: string;
	readonly rank: 'question' | 'preview' | 'preparation';
	/** Undefined where the worker does not have the frame. */
	ask(api: Api): Promise<unknown>;
}

const ranks = ['question', 'preview', 'preparation'];

/** The longest that SAM 3 may take to open, or a frame of which no time is known: WebAssembly on a slow machine at the full size. */
const OPENING = 600_000;
/** Longer than usual by so much is stuck. */
const SLACK = 8;
/** A frame that takes longer than this many milliseconds is not made ready on the mere chance that it comes next. */
const QUICK = 2000;

class Stuck extends Error {}

/**
 * Asks the segment worker: one question at a time, and of those that wait only the newest of each asker and frame. A worker that does not
 * answer in time, or crashes, is ended and replaced once for each question; nothing is lost, since every question carries its frame and all
 * its prompts.
 */
export class SegmentClient {
	readonly #options: SegmentClientOptions;
	readonly #queue = new LatestQueue<Task, unknown>(
		(task) => this.#persist(() => this.#do(task)),
		({ key }) => key,
		({ rank }) => ranks.indexOf(rank)
	);
	#connection: Connection<SegmentApi> | undefined;
	#opened: Promise<unknown> | undefined;
	#encodeMilliseconds: number | undefined;
	/** The frame that was named last to be made ready. */
	#named: PromptedFrame | undefined;
	#tracking = false;
	#closed = false;

	constructor(options: SegmentClientOptions = {}) {
		this.#options = options;
	}

	/** Milliseconds that the last frame took to be made ready, or the next one probably will. */
	get encodeMilliseconds(): number | undefined {
		return this.#encodeMilliseconds;
	}

	/** Starts the worker where it does not run; with SAM 3, opens that. */
	async info(): Promise<SegmenterInfo> {
		const info = await this.#persist(() => this.#call((api) => api.info()));
		this.#encodeMilliseconds = info.encodeMilliseconds;
		return info;
	}

	/**
	 * The best mask for all prompts of a target on a frame; undefined when a newer question took this one's place.
	 * @throws CodedError what `SegmentApi.segment` and `openSam3` throw, and `engine-died` when a second worker is stuck too; an
	 * AbortError after `close`
	 */
	segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		mask?: RunLengthMask,
		asker: Asker = 0
	): Promise<SegmentAnswer | undefined> {
		const rank = asker === 'preview' ? asker : 'question';
		const key = asker === 'preview' ? asker : `${asker} ${frame.key}`;
		return this.#push(frame, key, rank, (api) => api.segment(frame.key, prompts, mask));
	}

	/**
	 * What words or examples describe on a frame; undefined when a newer question took this one's place.
	 * @throws CodedError as `segment`
	 */
	detect(frame: PromptedFrame, concept: Concept): Promise<DetectAnswer | undefined> {
		return this.#push(frame, 'detect', 'question', (api) => api.detect(frame.key, concept));
	}

	/**
	 * Makes a frame ready ahead of its first prompt, then, where that is quick, the one that comes after it. Only what was named last is made
	 * ready.
	 */
	async prepare(frame: PromptedFrame, next?: PromptedFrame): Promise<void> {
		const has = (frame: PromptedFrame) => async (api: Api) => (await api.has(frame.key)) || undefined;
		this.#named = frame;
		await this.#push(frame, 'prepare', 'preparation', has(frame));
		if (this.#named !== frame || !next || (this.#encodeMilliseconds ?? Infinity) > QUICK) return;
		await this.#push(next, 'prepare', 'preparation', has(next));
	}

	/**
	 * Follows targets through a clip, in between the questions.
	 * @param onFrame called for each frame, in the order of `trackClip`
	 * @throws CodedError what `SegmentApi.track` throws, `engine-died`; the signal's reason
	 */
	async track(
		file: Blob,
		name: string,
		request: WorkerTrackRequest,
		onFrame: (index: number, masks: TrackedMasks) => void,
		signal: AbortSignal
	): Promise<void> {
		signal.throwIfAborted();
		const stop = () => void this.#connection?.api.stopTracking();
		signal.addEventListener('abort', stop, { once: true });
		this.#tracking = true;
		try {
			await this.#call(async (api, alive) => {
				signal.throwIfAborted();
				const take = (index: number, masks: TrackedMasks) => {
					alive();
					if (!signal.aborted) onFrame(index, masks);
				};
				return api.track(file, name, request, proxy(take));
			}, OPENING);
		} catch (error) {
			signal.throwIfAborted();
			throw error instanceof Stuck ? appError('engine-died', {}, { cause: error }) : error;
		} finally {
			this.#tracking = false;
			signal.removeEventListener('abort', stop);
		}
	}

	/** Ends the worker; what was asked rejects with an AbortError, what waits resolves to undefined. */
	close(): void {
		this.#closed = true;
		this.#queue.clear();
		this.#connection?.end();
	}

	#push<T>(
		frame: PromptedFrame,
		key: string,
		rank: Task['rank'],
		ask: (api: Api) => Promise<T | undefined>
	): Promise<T | undefined> {
		return this.#queue.push({ frame, key, rank, ask }) as Promise<T | undefined>;
	}

	async #do({ frame, ask }: Task): Promise<unknown> {
		const answer = await this.#call(ask);
		if (answer !== undefined) return answer;
		const picture = await frame.picture();
		this.#options.onEncoding?.(true);
		try {
			this.#encodeMilliseconds = await this.#call(
				(api) => api.setFrame(frame.key, transfer(picture, [picture]), frame.size),
				this.#encodingPatience
			);
		} finally {
			// Of use only where it was not handed over.
			picture.close();
			this.#options.onEncoding?.(false);
		}
		return this.#call(ask);
	}

	/** Does the work, once more with a new worker where the first one fails. */
	async #persist<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof Stuck)) throw error;
		}
		try {
			return await work();
		} catch (error) {
			throw error instanceof Stuck ? appError('engine-died', {}, { cause: error }) : error;
		}
	}

	/** How long to wait for a frame to be made ready. */
	get #encodingPatience(): number {
		const usual = this.#encodeMilliseconds ?? Infinity;
		return this.#options.sam3 ? Math.min(OPENING, Math.max(this.#patience, SLACK * usual)) : this.#patience;
	}

	/** How long to wait for an answer: all networks of SAM 3 but the first are opened with the first question that needs them. */
	get #patience(): number {
		const { sam3, patience = sam3 ? 120_000 : 20_000 } = this.#options;
		// A tracked frame is computed to its end first.
		return this.#tracking && sam3 ? OPENING : patience;
	}

	/** Calls the worker, which is started first where it does not run. */
	async #call<T>(call: (api: Api, alive: () => void) => Promise<T>, patience = this.#patience): Promise<T> {
		if (this.#closed) throw new DOMException('the client is closed', 'AbortError');
		const connection = (this.#connection ??= (this.#options.start ?? startWorker)());
		const { sam3, onStage } = this.#options;
		if (sam3 && !this.#opened) {
			const opened = this.#wait(
				connection,
				() =>
					connection.api.openSam3(
						sam3,
						proxy((stage) => onStage?.(stage))
					),
				OPENING
			);
			opened.catch(() => {}); // it is told to those who wait for it
			this.#opened = opened;
		}
		await this.#opened;
		return this.#wait(connection, (alive) => call(connection.api, alive), patience);
	}

	async #wait<T>(
		connection: Connection<SegmentApi>,
		call: (alive: () => void) => Promise<T>,
		patience: number
	): Promise<T> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let waits = true;
		let alive = () => {};
		const late = new Promise<never>((_resolve, reject) => {
			alive = () => {
				clearTimeout(timer);
				if (waits) timer = setTimeout(() => reject(new Stuck('no answer')), patience);
			};
			alive();
		});
		const broken = connection.over.catch((cause: unknown) => {
			throw this.#closed ? cause : new Stuck('the worker failed', { cause });
		});
		try {
			return await Promise.race([call(alive), late, broken]);
		} catch (error) {
			if (error instanceof Stuck && this.#connection === connection) {
				this.#connection = this.#opened = undefined;
				connection.end();
			}
			throw error;
		} finally {
			waits = false;
			clearTimeout(timer);
		}
	}
}

function startWorker(): Connection<SegmentApi> {
	return connect<SegmentApi>(
		new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'segment' })
	);
}
