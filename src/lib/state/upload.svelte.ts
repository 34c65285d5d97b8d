import { parseErrorBody, type Api } from '$lib/api/client.ts';
import { CodedError } from '$models/errors.ts';
import { appError, type ErrorBody } from '$protocol/errors.ts';
import type { Clip } from '$protocol/schema.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { shownError } from './shown-error.ts';
import { sendByTus, type Send } from './tus.ts';

export type UploadState =
	| { readonly kind: 'idle' }
	| { readonly kind: 'hashing' | 'sending'; readonly done: number; readonly total: number }
	| { readonly kind: 'checking' }
	/** The server is away; it goes on when it is back. */
	| { readonly kind: 'waiting'; readonly done: number; readonly total: number }
	/** `sent` is false when the server had it already. */
	| { readonly kind: 'done'; readonly clip: Clip; readonly sent: boolean }
	| { readonly kind: 'refused'; readonly error: ErrorBody };

/** SHA-256 of a file, in hexadecimal. */
export type Hash = (
	file: Blob,
	onProgress: (done: number, total: number) => void,
	signal: AbortSignal
) => Promise<string>;

interface Parts {
	readonly api: Pick<Api, 'clip'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect' | 'health'>;
	readonly hash: Hash;
	readonly send?: Send;
}

/** Brings one file to the server: hash it, ask whether the server has it, send what is missing, wait out every loss. */
export class Upload {
	state = $state.raw<UploadState>({ kind: 'idle' });
	/** SHA-256 of the file, as soon as it is known. */
	hash = $state<string>();
	/** Bytes a second, while sending. */
	speed = $state<number>();

	#stop = new AbortController();
	/** Those who wait for its end. */
	#waiting: (() => void)[] = [];
	readonly #send: Send;

	constructor(
		private readonly file: Blob,
		private readonly name: string,
		private readonly parts: Parts
	) {
		this.#send = parts.send ?? sendByTus;
	}

	/** Runs to the end, which is `done` or `refused`; `knownHash` saves the hashing. Never rejects. */
	async run(knownHash?: string): Promise<void> {
		const { signal } = this.#stop;
		try {
			this.hash = knownHash ?? (await this.#hashed(signal));
			for (;;) {
				try {
					await this.#bring(this.hash, signal);
					break;
				} catch (error) {
					if (!(error instanceof CodedError) || error.code !== 'server-away') throw error;
					this.#wait();
					this.parts.connection.suspect();
					await this.parts.connection.online();
					signal.throwIfAborted();
				}
			}
		} catch (error) {
			const told = signal.aborted ? undefined : shownError(error);
			if (told) this.state = { kind: 'refused', error: told };
		}
		if (!signal.aborted) for (const resolve of this.#waiting.splice(0)) resolve();
	}

	/** Resolves when it is `done` or `refused`. */
	ended(): Promise<void> {
		if (this.state.kind === 'done' || this.state.kind === 'refused') return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	/** Stops for good; what has arrived is kept by the server for the next time. */
	stop(): void {
		this.#stop.abort();
	}

	async #hashed(signal: AbortSignal): Promise<string> {
		const progress = (done: number, total: number) => {
			this.state = { kind: 'hashing', done, total };
		};
		progress(0, this.file.size);
		return await this.parts.hash(this.file, progress, signal);
	}

	async #bring(hash: string, signal: AbortSignal): Promise<void> {
		this.state = { kind: 'checking' };
		const known = await this.parts.api.clip(hash);
		signal.throwIfAborted();
		if (known) {
			this.state = { kind: 'done', clip: known, sent: false };
			return;
		}
		const chunkBytes = await this.#chunkBytes(signal);
		const meter = new Speedometer();
		await this.#send(this.file, {
			name: this.name,
			hash,
			chunkBytes,
			signal,
			onProgress: (done, total) => {
				this.speed = meter.read(done);
				this.state = { kind: 'sending', done, total };
			}
		});
		const clip = await this.parts.api.clip(hash);
		signal.throwIfAborted();
		if (!clip) throw appError('upload-hash');
		this.state = { kind: 'done', clip, sent: true };
	}

	/** What the server takes at once, which it has not told yet where a clip is opened right after the page. */
	async #chunkBytes(signal: AbortSignal): Promise<number> {
		const { connection } = this.parts;
		if (!connection.health) await connection.online();
		signal.throwIfAborted();
		return connection.health!.limits.chunkBytes;
	}

	#wait(): void {
		const { state } = this;
		const done = state.kind === 'sending' ? state.done : 0;
		this.speed = undefined;
		this.state = { kind: 'waiting', done, total: this.file.size };
	}
}

/** The error that an upload ended with, from the server's answer if there was one. */
export function uploadError(
	answer: { status: number; body: string } | undefined,
	cause: unknown
): CodedError {
	const body = answer && parseErrorBody(answer.body);
	if (body) return appError(body.code, body.params, { cause });
	if (answer && answer.status < 500) return appError('answer-invalid', {}, { cause });
	return appError('server-away', {}, { cause });
}

/** Bytes a second since the first reading. */
class Speedometer {
	#start: { done: number; time: number } | undefined;

	read(done: number, time = performance.now()): number | undefined {
		this.#start ??= { done, time };
		const seconds = (time - this.#start.time) / 1000;
		return seconds > 1 ? (done - this.#start.done) / seconds : undefined;
	}
}
