import type { Api } from '$lib/api/client.ts';
import type { ClipFiles } from '$lib/storage/clip-files.ts';
import type { SavedSession } from '$lib/storage/database.ts';
import type { SessionStore } from '$lib/storage/sessions.ts';
import { CodedError } from '$models/errors.ts';
import { defaultMatteOptions, type MatteOptions } from '$models/matter.ts';
import { appError, type ErrorBody } from '$protocol/errors.ts';
import type { JobRequest, OutputKind } from '$protocol/schema.ts';
import { limitExceeded } from './limits.ts';
import { Player } from './player.svelte.ts';
import { Prompting } from './prompting.svelte.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { shownError } from './shown-error.ts';
import { Upload, type Hash } from './upload.svelte.ts';

/** Alpha and foreground are what the page shows afterwards, so they are always made. */
export const requiredOutputs: readonly OutputKind[] = ['alpha', 'foreground'];

/** What a session works with. */
export interface SessionParts {
	readonly api: Pick<Api, 'clip' | 'clipFile'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect' | 'health'>;
	readonly store: Pick<SessionStore, 'put'>;
	readonly files: Pick<ClipFiles, 'put' | 'get' | 'remove'>;
	readonly hash: Hash;
	/** Tells the user of something that does not stop the session. */
	readonly warn: (error: ErrorBody) => void;
}

const saveDelay = 400;

/** What is known of a session before anything was done in it. */
export function newSession(name: string, bytes: number): SavedSession {
	const now = Date.now();
	return {
		id: crypto.randomUUID(),
		name,
		bytes,
		uploaded: false,
		engine: 'classic',
		options: defaultMatteOptions,
		outputs: [...requiredOutputs, 'preview'],
		jobs: [],
		created: now,
		updated: now
	};
}

/** One clip and all that is said about it: its file, marks, settings and jobs. Saved as things happen. */
export class Session {
	/** `missing` when neither this browser nor the server has the file any more. */
	state = $state<'opening' | 'ready' | 'missing' | 'failed'>('opening');
	/** Why it is `failed`, or why the file chosen for a `missing` clip was not taken. */
	error = $state.raw<ErrorBody>();
	upload = $state.raw<Upload>();
	engine: JobRequest['engine'] = $state('classic');
	options: MatteOptions = $state(defaultMatteOptions);
	outputs: readonly OutputKind[] = $state.raw([]);
	/** Ids of the jobs that were asked for, newest last. */
	jobs: readonly string[] = $state.raw([]);

	/** Undefined until an upload has been begun. */
	readonly #uploaded = $derived(this.upload && this.upload.state.kind === 'done');
	#saved: SavedSession;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#warned = false;
	readonly #closed = new AbortController();

	constructor(
		saved: SavedSession,
		private readonly parts: SessionParts,
		readonly player = new Player(),
		readonly prompting = new Prompting(player)
	) {
		this.#saved = saved;
		this.engine = saved.engine;
		this.options = { ...saved.options };
		this.outputs = saved.outputs;
		this.jobs = saved.jobs;
	}

	get id(): string {
		return this.#saved.id;
	}

	get name(): string {
		return this.#saved.name;
	}

	/** SHA-256 of the clip, once it is known. */
	get hash(): string | undefined {
		return this.upload?.hash ?? this.#saved.hash;
	}

	/** Opens the clip: the file that the user has chosen, else what this browser or the server keeps. Never rejects: `state` tells. */
	async open(chosen?: Blob): Promise<void> {
		this.state = 'opening';
		this.error = undefined;
		try {
			const kept = chosen ?? (await this.#kept());
			const file = kept ?? (await this.#fetched());
			if (this.#closed.signal.aborted) return;
			if (!file) {
				this.state = 'missing';
				return;
			}
			await this.#play(file);
			if (this.#closed.signal.aborted) return;
			this.state = 'ready';
			void this.#bring(file, chosen !== undefined);
		} catch (error) {
			if (this.#closed.signal.aborted) return;
			this.error = shownError(error);
			this.state = 'failed';
		}
	}

	/** Gives a missing clip its file again. */
	async supply(file: Blob): Promise<void> {
		const { hash, bytes, name } = this.#saved;
		const same =
			file.size === bytes && (!hash || hash === (await this.parts.hash(file, () => {}, this.#closed.signal)));
		if (same) await this.open(file);
		else this.error = { code: 'clip-other', params: { name } };
	}

	/** Sends the clip again after a refusal or a loss on the server. */
	async sendAgain(): Promise<void> {
		const upload = this.upload;
		if (upload) await this.#finish(upload, this.hash);
	}

	/** What a job is asked for with. Wait for `prompting.settled()` before. */
	request(): JobRequest {
		if (!this.hash) throw appError('clip-missing');
		return {
			clip: this.hash,
			name: this.name,
			keyframes: this.prompting.keyframes(),
			engine: this.engine,
			options: { ...this.options },
			outputs: [...this.outputs]
		};
	}

	/** What is to be saved now; reads all that can change, so an effect that calls it runs at every change. */
	snapshot(): SavedSession {
		const opened = this.state === 'ready';
		return {
			...this.#saved,
			hash: this.hash,
			uploaded: this.#uploaded ?? this.#saved.uploaded,
			prompts: opened ? this.prompting.toJSON() : this.#saved.prompts,
			engine: this.engine,
			options: { ...this.options },
			outputs: [...this.outputs],
			jobs: [...this.jobs]
		};
	}

	saveSoon(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.save(), saveDelay);
	}

	/** Saves at once; nothing of a clip that was never opened, so that it is not listed. */
	async save(): Promise<void> {
		clearTimeout(this.#timer);
		if (this.state !== 'ready') return;
		this.#saved = { ...this.snapshot(), updated: Date.now() };
		try {
			await this.parts.store.put(this.#saved);
		} catch (error) {
			this.#warn(error);
		}
	}

	/** Saves and lets everything go; an upload goes on when the session is opened again. */
	async close(): Promise<void> {
		const saved = this.save();
		this.#closed.abort();
		this.upload?.stop();
		this.player.close();
		this.prompting.close();
		await saved;
	}

	async #kept(): Promise<Blob | undefined> {
		const file = await this.parts.files.get(this.id);
		// A tab that was closed while the file was being kept leaves an empty one.
		return file?.size === this.#saved.bytes ? file : undefined;
	}

	async #fetched(): Promise<Blob | undefined> {
		const { hash, uploaded } = this.#saved;
		while (hash && uploaded) {
			await this.parts.connection.online();
			try {
				return await this.parts.api.clipFile(hash, this.#closed.signal);
			} catch (error) {
				if (!(error instanceof CodedError)) throw error;
				if (error.code === 'clip-missing') return undefined;
				if (error.code !== 'server-away') throw error;
				this.parts.connection.suspect();
			}
		}
		return undefined;
	}

	async #play(file: Blob): Promise<void> {
		await this.player.open(file, this.name);
		const { info } = this.player;
		const limits = this.parts.connection.health?.limits;
		const problem = info && limits && limitExceeded(limits, { ...info, bytes: file.size });
		if (problem) {
			this.player.close();
			throw appError(problem.code, problem.params);
		}
		if (this.#saved.prompts) this.prompting.restore(this.#saved.prompts);
	}

	/** Brings the clip to the server; until it is there, this browser keeps it. */
	async #bring(file: Blob, keep: boolean): Promise<void> {
		const { api, connection, hash, files } = this.parts;
		const kept = keep ? files.put(this.id, file).catch((error) => this.#warn(error)) : undefined;
		this.upload = new Upload(file, this.name, { api, connection, hash });
		await Promise.all([kept, this.save()]);
		await this.#finish(this.upload, this.#saved.hash);
	}

	async #finish(upload: Upload, knownHash?: string): Promise<void> {
		await upload.run(knownHash);
		if (upload.state.kind !== 'done') return;
		await this.save();
		await this.parts.files.remove(this.id).catch((error) => this.#warn(error));
	}

	/** Once is enough: the reason stays the same. */
	#warn(error: unknown): void {
		const told = shownError(error);
		if (told && !this.#warned) this.parts.warn(told);
		this.#warned = true;
	}
}
