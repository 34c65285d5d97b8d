import { Worker } from 'node:worker_threads';
import type { Alpha } from '../../models/frame.ts';
import type { ClipSource, TimedFrame } from '../media/index.ts';
import { appError, type ErrorBody } from '../protocol/errors.ts';
import type { Notice, OutputKind, Result } from '../protocol/schema.ts';

/** Frames on their way to the thread or in its hands. */
const SLOTS = 2;

/** What the thread is to write. */
export interface OutputOptions {
	readonly kinds: readonly OutputKind[];
	readonly directory: string;
	readonly name: string;
	readonly source: ClipSource;
}

export interface Written {
	readonly results: Result[];
	readonly notices: Notice[];
	/** Milliseconds that the foreground's colours took. */
	readonly colourMilliseconds: number;
}

/** Messages to the thread, each answered by one `Answer` of the same id. */
export type Request = { readonly id: number } & (
	| { readonly type: 'open'; readonly options: OutputOptions; readonly slots: readonly SharedArrayBuffer[] }
	| { readonly type: 'write'; readonly slot: number; readonly timing: FrameTiming }
	| { readonly type: 'finish' }
	| { readonly type: 'abort' }
);

export type FrameTiming = Pick<TimedFrame, 'index' | 'time' | 'pts' | 'duration'>;

export interface Answer {
	readonly id: number;
	readonly value?: unknown;
	readonly failure?: { readonly error?: ErrorBody; readonly detail: string };
}

/**
 * The last part of a job, in a thread of its own beside the engine's: the foreground's colours, compositing, encoding, writing. Frames
 * and alphas cross in shared memory that is used again and again.
 */
export class OutputThread {
	readonly #worker = new Worker(new URL('./output-worker.mjs', import.meta.url), { execArgv: [] });
	readonly #waiting = new Map<
		number,
		{ resolve: (value: unknown) => void; reject: (error: unknown) => void }
	>();
	readonly #slots: SharedArrayBuffer[];
	/** For each slot, when it is free again. */
	readonly #free: Promise<unknown>[];
	#requests = 0;
	#frames = 0;

	private constructor({ info: { width, height } }: ClipSource) {
		this.#slots = Array.from({ length: SLOTS }, () => new SharedArrayBuffer(width * height * 5));
		this.#free = this.#slots.map(() => Promise.resolve());
		this.#worker.on('message', (answer: Answer) => this.#settle(answer));
		this.#worker.on('error', (error) => this.#fail(error));
		this.#worker.on('exit', () => this.#fail(new Error('the output thread ended')));
	}

	/** @throws CodedError `disk-full` */
	static async open(options: OutputOptions): Promise<OutputThread> {
		const { kinds, directory, name, source } = options;
		const thread = new OutputThread(source);
		const plain = { kinds, directory, name, source: { path: source.path, info: source.info } };
		try {
			await thread.#ask({ type: 'open', options: plain, slots: thread.#slots });
			return thread;
		} catch (error) {
			await thread.#worker.terminate();
			throw error;
		}
	}

	/**
	 * Takes one frame with its alpha; resolves when there is room for the next one. The pictures may be reused then.
	 * @throws CodedError `disk-full`, also for a frame before this one
	 */
	async write({ data, index, time, pts, duration }: TimedFrame, alpha: Alpha): Promise<void> {
		const slot = this.#frames++ % SLOTS;
		await this.#free[slot];
		const memory = new Uint8Array(this.#slots[slot]!);
		memory.set(data);
		memory.set(alpha.data, data.length);
		const done = this.#ask({ type: 'write', slot, timing: { index, time, pts, duration } });
		// A failure is told to whoever uses the slot next, or ends the writing.
		done.catch(() => {});
		this.#free[slot] = done;
	}

	/** Ends the files and gives them their names, all of them or none. */
	async finish(): Promise<Written> {
		await Promise.all(this.#free);
		const written = (await this.#ask({ type: 'finish' })) as Written;
		await this.#worker.terminate();
		return written;
	}

	/** Stops, and removes what was written. */
	async abort(): Promise<void> {
		await this.#ask({ type: 'abort' }).catch(() => {});
		await this.#worker.terminate();
	}

	#ask(
		request: Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never
	): Promise<unknown> {
		const id = this.#requests++;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject });
			this.#worker.postMessage({ id, ...request });
		});
	}

	#settle({ id, value, failure }: Answer): void {
		const waiting = this.#waiting.get(id);
		this.#waiting.delete(id);
		if (!failure) waiting?.resolve(value);
		else if (failure.error) waiting?.reject(appError(failure.error.code, failure.error.params));
		else waiting?.reject(new Error(failure.detail));
	}

	#fail(error: unknown): void {
		for (const { reject } of this.#waiting.values()) reject(error);
		this.#waiting.clear();
	}
}
