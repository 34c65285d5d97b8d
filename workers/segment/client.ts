import { transfer } from 'comlink';
import type { Size } from '../../models/frame.ts';
import type { Prompt } from '../../models/segmenter.ts';
import { appError } from '../../server/protocol/errors.ts';
import { LatestQueue } from '../latest.ts';
import { connect, type Connection } from '../rpc.ts';
import type { SegmentAnswer, SegmentApi, SegmenterInfo } from './types.ts';

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

interface Request {
	readonly frame: PromptedFrame;
	readonly prompts: readonly Prompt[];
}

class Stuck extends Error {}

/**
 * Asks the segment worker for masks: one question at a time, and of those that wait only the newest of each frame. A worker that
 * does not answer in time, or crashes, is ended and replaced once for each question; nothing is lost, since every question
 * carries its frame and all its prompts.
 */
export class SegmentClient {
	readonly #start: () => Connection<SegmentApi>;
	readonly #patience: number;
	readonly #queue = new LatestQueue<Request, SegmentAnswer | undefined>(
		(request) => this.#persist(() => this.#ask(request)),
		({ frame, prompts }) => (prompts.length > 0 ? frame.key : 'prepare')
	);
	#connection?: Connection<SegmentApi>;
	#closed = false;

	/** @param patience milliseconds after which a worker that does not answer counts as stuck */
	constructor(start: () => Connection<SegmentApi> = startWorker, patience = 20_000) {
		this.#start = start;
		this.#patience = patience;
	}

	info(): Promise<SegmenterInfo> {
		return this.#persist(() => this.#call((api) => api.info()));
	}

	/**
	 * The best mask for all prompts of a frame; undefined when a newer question about the frame took this one's place.
	 * @throws CodedError `prompt-empty`, and `engine-died` when a second worker is stuck too; an AbortError after `close`
	 */
	segment(frame: PromptedFrame, prompts: readonly Prompt[]): Promise<SegmentAnswer | undefined> {
		return this.#queue.push({ frame, prompts });
	}

	/** Makes a frame ready ahead of its first prompt. Only the frame named last is made ready. */
	async prepare(frame: PromptedFrame): Promise<void> {
		await this.#queue.push({ frame, prompts: [] });
	}

	/** Ends the worker; what was asked rejects with an AbortError. */
	close(): void {
		this.#closed = true;
		this.#queue.clear();
		this.#connection?.end();
	}

	async #ask({ frame, prompts }: Request): Promise<SegmentAnswer | undefined> {
		const answer = prompts.length > 0 && (await this.#call((api) => api.segment(frame.key, prompts)));
		if (answer) return answer;
		const picture = await frame.picture();
		await this.#call((api) => api.setFrame(frame.key, transfer(picture, [picture]), frame.size));
		return prompts.length > 0 ? this.#call((api) => api.segment(frame.key, prompts)) : undefined;
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

	async #call<T>(call: (api: Connection<SegmentApi>['api']) => Promise<T>): Promise<T> {
		if (this.#closed) throw new DOMException('the client is closed', 'AbortError');
		const connection = (this.#connection ??= this.#start());
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<never>((_resolve, reject) => {
			timer = setTimeout(() => reject(new Stuck('no answer')), this.#patience);
		});
		const broken = connection.over.catch((cause: unknown) => {
			throw this.#closed ? cause : new Stuck('the worker failed', { cause });
		});
		try {
			return await Promise.race([call(connection.api), late, broken]);
		} catch (error) {
			if (error instanceof Stuck && this.#connection === connection) {
				this.#connection = undefined;
				connection.end();
			}
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}
}

function startWorker(): Connection<SegmentApi> {
	return connect<SegmentApi>(
		new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'segment' })
	);
}
