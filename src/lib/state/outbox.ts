import type { Api } from '$lib/api/client.ts';
import type { Files } from '$lib/storage/files.ts';
import { SessionLock } from '$lib/storage/session-lock.ts';
import type { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import { CodedError } from '$models/errors.ts';
import { appError } from '$protocol/errors.ts';
import type { Jobs } from './jobs.svelte.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { Upload, type Hash } from './upload.svelte.ts';

interface Parts {
	readonly api: Pick<Api, 'clip'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect' | 'health'>;
	readonly jobs: Pick<Jobs, 'create'>;
	readonly sessions: Pick<Sessions, 'list' | 'get' | 'put'>;
	readonly files: Pick<Files, 'get'>;
	readonly hash: Hash;
	/** Tells the user why something could not be sent. */
	readonly tell: (error: unknown) => void;
}

/** What saved sessions were asked for while the server was away. A session that any tab has open is left to that tab. */
export class Outbox {
	#sending: { readonly id: string; readonly stop: AbortController; ended: Promise<void> } | undefined;
	#running = false;

	constructor(private readonly parts: Parts) {}

	/** Sends all that waits, to be called whenever the server is back. Never rejects. */
	async send(): Promise<void> {
		if (this.#running) return;
		this.#running = true;
		try {
			for (const { id, wanted } of await this.parts.sessions.list()) if (wanted) await this.#sendOne(id);
		} catch (error) {
			this.parts.tell(error);
		} finally {
			this.#running = false;
		}
	}

	/** Leaves a session to the tab's own work; resolves when it is free. */
	async release(id: string): Promise<void> {
		if (this.#sending?.id !== id) return;
		this.#sending.stop.abort();
		await this.#sending.ended;
	}

	async #sendOne(id: string): Promise<void> {
		const stop = new AbortController();
		const lock = new SessionLock(id, {
			won() {},
			async leaving() {},
			lost: () => stop.abort()
		});
		const ended = this.#work(id, lock, stop.signal).finally(() => lock.close());
		this.#sending = { id, stop, ended };
		await ended;
		this.#sending = undefined;
	}

	async #work(id: string, lock: SessionLock, signal: AbortSignal): Promise<void> {
		const { sessions, jobs } = this.parts;
		if (!(await lock.open())) return;
		const saved = await sessions.get(id);
		if (!saved?.wanted) return;
		try {
			await this.#upload(saved, signal);
			if (signal.aborted) return;
			const job = await jobs.create(saved.wanted);
			await sessions.put({
				...saved,
				uploaded: true,
				wanted: undefined,
				jobs: [...saved.jobs.filter((other) => other !== job.id), job.id],
				updated: Date.now()
			});
		} catch (error) {
			// The server is gone again: the wish stays.
			if (error instanceof CodedError && error.code === 'server-away') return;
			this.parts.tell(error);
			if (!signal.aborted) await sessions.put({ ...saved, wanted: undefined });
		}
	}

	async #upload(saved: SavedSession, signal: AbortSignal): Promise<void> {
		const { api, connection, files, hash } = this.parts;
		const file = saved.file === undefined ? undefined : await files.get(saved.file);
		if (!file) return;
		const upload = new Upload(file, saved.name, { api, connection, hash });
		// An upload that waits for the server does not end before that is back.
		const stopped = new Promise<void>((resolve) => {
			signal.addEventListener('abort', () => {
				upload.stop();
				resolve();
			});
		});
		await Promise.race([upload.run(saved.hash), stopped]);
		if (upload.state.kind === 'refused') throw appError(upload.state.error.code, upload.state.error.params);
	}
}
