import { newId } from '$lib/new-id.ts';
import type { Api } from '$lib/api/client.ts';
import type { Files } from '$lib/storage/files.ts';
import type { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import { CodedError } from '$models/errors.ts';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from '$models/matanyone/options.ts';
import { defaultMatteOptions, type MatteOptions } from '$models/matter.ts';
import { engineInfo } from '$models/registry.ts';
import { defaultVideoMaMaOptions, type VideoMaMaOptions } from '$models/videomama/options.ts';
import { appError, type ErrorBody } from '$protocol/errors.ts';
import { canonicalJson, heededOptions } from '$protocol/key.ts';
import type { JobRequest, OutputKind } from '$protocol/schema.ts';
import { limitExceeded } from './limits.ts';
import { Player } from './player.svelte.ts';
import { Prompting } from './prompting.svelte.ts';
import type { Segments } from './segments.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { shownError } from './shown-error.ts';
import { TrackedKeeper } from './tracked-keeper.ts';
import type { SavedTracking } from './track-wish.ts';
import { Upload, type Hash } from './upload.svelte.ts';

/** Alpha and foreground are what the page shows afterwards, so they are always made. */
export const requiredOutputs: readonly OutputKind[] = ['alpha', 'foreground'];

/** What a session works with. */
export interface SessionParts {
	readonly api: Pick<Api, 'clip' | 'clipFile'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect' | 'health'>;
	readonly store: Pick<
		Sessions,
		'get' | 'put' | 'prompts' | 'tracked' | 'trackedFrames' | 'putTracked' | 'thumbnail' | 'setThumbnail'
	>;
	readonly files: Pick<Files, 'put' | 'get'>;
	readonly hash: Hash;
	/** Draws the small picture that stands for a session in lists. */
	readonly thumbnail: (picture: ImageBitmap) => Promise<Blob>;
	/** Answers prompts. */
	readonly segments: Segments;
	/** Told when the server has the whole clip. */
	readonly onServer: () => void;
	/** Tells the user of something that does not stop the session. */
	readonly warn: (error: ErrorBody) => void;
}

const saveDelay = 400;

/** What is known of a session before anything was done in it; `updated` is 0 until it is saved. */
export function newSession(
	name: string,
	bytes: number,
	engine: JobRequest['engine'] = 'classic'
): SavedSession {
	return {
		id: newId(),
		name,
		bytes,
		uploaded: false,
		engine,
		options: defaultMatteOptions,
		outputs: [...requiredOutputs, 'preview'],
		jobs: [],
		results: [],
		created: Date.now(),
		updated: 0
	};
}

/** One clip and all that is said about it: its file, marks, settings and jobs. Saved as things happen. */
export class Session {
	/** `missing` when neither this browser nor the server has the file any more. */
	state = $state<'opening' | 'ready' | 'missing' | 'failed'>('opening');
	/** The clip is only on the server, which does not answer. */
	waiting = $state(false);
	/** Why it is `failed`, or why the file chosen for a `missing` clip was not taken. */
	error = $state.raw<ErrorBody>();
	upload = $state.raw<Upload>();
	engine: JobRequest['engine'] = $state('classic');
	options: MatteOptions = $state.raw(defaultMatteOptions);
	outputs: readonly OutputKind[] = $state.raw([]);
	/** Ids of the jobs that were asked for, newest last. */
	jobs: readonly string[] = $state.raw([]);
	/** Keys of the results that were made, newest last. */
	results: readonly string[] = $state.raw([]);
	/** What was asked for while the server was away. */
	wanted = $state.raw<JobRequest>();
	/** The part of the clip that is tracked, and what tracking was asked for. */
	tracking = $state.raw<SavedTracking>();
	/** The clip, once it is there. */
	file = $state.raw<Blob>();

	/** Undefined while it is not known. */
	readonly #uploaded = $derived.by(() => {
		const kind = this.upload?.state.kind;
		return kind === 'done' ? true : kind === 'sending' ? false : undefined;
	});
	#saved: SavedSession;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** What the user was told of and is still so. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it
	readonly #warned = new Set<string>();
	/** The prompts as they were saved last: `prompting.changes` then. */
	#savedChanges: number | undefined;
	/** The session as it was written last. */
	#written: string | undefined;
	/** Ends when the clip is kept in this browser, or cannot be. */
	#keeping: Promise<void> | undefined;
	#keepingNow = $state(false);
	readonly #closed = new AbortController();
	readonly #trackedKeeper: TrackedKeeper;

	constructor(
		saved: SavedSession,
		private readonly parts: SessionParts,
		readonly player = new Player(),
		readonly prompting = new Prompting(player, parts.segments)
	) {
		this.#saved = saved;
		this.#take(saved);
		this.#trackedKeeper = new TrackedKeeper({
			tracked: prompting.tracked,
			times: () => player.info?.times,
			write: (frames) => parts.store.putTracked(saved.id, frames),
			failed: (error) => this.#warn(error)
		});
		prompting.tracked.unsaved = () => {
			if (!this.lockedOut) this.#trackedKeeper.soon();
		};
	}

	/** Whether the clip would have to be chosen again if the page were closed now. */
	get keeping(): boolean {
		return this.#keepingNow && this.#uploaded !== true;
	}

	/** Another tab writes this session: nothing can be marked here, and nothing is saved. */
	get lockedOut(): boolean {
		return this.prompting.frozen;
	}

	set lockedOut(value: boolean) {
		this.prompting.frozen = value;
	}

	get closed(): boolean {
		return this.#closed.signal.aborted;
	}

	get id(): string {
		return this.#saved.id;
	}

	get name(): string {
		return this.#saved.title ?? this.#saved.name;
	}

	/** SHA-256 of the clip, once it is known. */
	get hash(): string | undefined {
		return this.upload?.hash ?? this.#saved.hash;
	}

	/** SHA-256 of the clip, once the server has all of it. */
	get serverClip(): string | undefined {
		return this.#uploaded ? this.hash : undefined;
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
			void this.#bring(file);
		} catch (error) {
			if (this.#closed.signal.aborted) return;
			this.error = shownError(error);
			this.state = 'failed';
		}
	}

	/** Follows what the tab that writes this session has saved. */
	async follow(): Promise<void> {
		if (this.lockedOut && this.state === 'ready') await this.#follow('when-more');
	}

	/** @param tracked whether the tracked masks, too: many, so that they are read anew only where it matters */
	async #follow(tracked: 'always' | 'when-more'): Promise<void> {
		const saved = await this.parts.store.get(this.id);
		if (!saved) return;
		this.#take(saved);
		await this.#restore(tracked);
	}

	/** Goes on where the tab that has written this session so far has left it. */
	async takeUp(): Promise<void> {
		if (this.closed) return;
		if (this.lockedOut && this.state === 'ready') await this.#follow('always');
		this.lockedOut = false;
		if (this.state === 'ready') await this.#bring(this.file!);
		else if (this.state === 'missing') await this.open();
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

	/** Notes a job that was asked for, or asked for again, as the newest, and saves that. */
	async addJob(id: string): Promise<void> {
		this.jobs = [...this.jobs.filter((other) => other !== id), id];
		await this.save();
	}

	setOptions(change: Partial<MatteOptions>): void {
		this.options = { ...this.options, ...change };
	}

	/** MatAnyone's options, whole. */
	get matanyone(): MatAnyoneOptions {
		return this.options.matanyone ?? defaultMatAnyoneOptions;
	}

	setMatAnyone(change: Partial<MatAnyoneOptions>): void {
		this.setOptions({ matanyone: { ...this.matanyone, ...change } });
	}

	/** VideoMaMa's options, whole. */
	get videomama(): VideoMaMaOptions {
		return this.options.videomama ?? defaultVideoMaMaOptions;
	}

	setVideoMaMa(change: Partial<VideoMaMaOptions>): void {
		this.setOptions({ videomama: { ...this.videomama, ...change } });
	}

	/** What a job on an engine is asked for with. Wait for `prompting.settled()` before. */
	async request(engine = this.engine): Promise<JobRequest> {
		if (!this.hash) throw appError('clip-missing');
		const soft = heededOptions(this.options, engine).videomama?.soft;
		return {
			clip: this.hash,
			name: this.name,
			keyframes: await this.prompting.keyframes(engineInfo(engine).masks, soft),
			engine,
			options: this.options,
			outputs: [...this.outputs]
		};
	}

	/** What is to be saved now; reads all that can change, so an effect that calls it runs at every change. */
	snapshot(): SavedSession {
		// What the marks are is read when they are written; here only that they have changed.
		void this.prompting.changes;
		return {
			...this.#saved,
			hash: this.hash,
			uploaded: this.#uploaded ?? this.#saved.uploaded,
			engine: this.engine,
			options: this.options,
			outputs: [...this.outputs],
			jobs: [...this.jobs],
			results: [...this.results],
			wanted: this.wanted,
			tracking: this.tracking
		};
	}

	saveSoon(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.save(), saveDelay);
	}

	/** Saves at once; nothing of a clip that was never opened, so that it is not listed. */
	async save(): Promise<void> {
		clearTimeout(this.#timer);
		if (this.state !== 'ready' || this.lockedOut) return;
		await Promise.all([this.#saveSaid(), this.#trackedKeeper.save()]);
	}

	async #saveSaid(): Promise<void> {
		const { changes } = this.prompting;
		// Of a clip that is closed, the marks are not known any more.
		const unsaved = changes !== this.#savedChanges && !this.#closed.signal.aborted;
		const prompts = unsaved ? this.prompting.toJSON() : undefined;
		const now = this.snapshot();
		if (!prompts && canonicalJson(now) === this.#written) return;
		const before = { written: this.#written, changes: this.#savedChanges };
		this.#saved = { ...now, updated: Date.now() };
		this.#written = canonicalJson(this.#saved);
		this.#savedChanges = changes;
		try {
			await this.parts.store.put(this.#saved, prompts);
			this.#warned.clear();
		} catch (error) {
			[this.#written, this.#savedChanges] = [before.written, before.changes];
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
		await Promise.all([saved, this.#keeping]);
	}

	async #kept(): Promise<Blob | undefined> {
		const { file } = this.#saved;
		return file === undefined ? undefined : this.parts.files.get(file);
	}

	async #fetched(): Promise<Blob | undefined> {
		const { hash, uploaded } = this.#saved;
		while (hash && uploaded) {
			this.waiting = true;
			await this.parts.connection.online();
			this.waiting = false;
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
		await this.player.open(file, this.#saved.name);
		const { info } = this.player;
		const limits = this.parts.connection.health?.limits;
		const problem = info && limits && limitExceeded(limits, { ...info, bytes: file.size });
		if (problem) {
			this.player.close();
			throw appError(problem.code, problem.params);
		}
		this.file = file;
		await this.#restore('always').catch((error) => this.#warn(error));
		const { width, height, duration, times } = info!;
		this.#saved = { ...this.#saved, info: { width, height, duration, frames: times.length } };
	}

	#take(saved: SavedSession): void {
		this.#saved = saved;
		this.engine = saved.engine;
		this.options = saved.options;
		this.outputs = saved.outputs;
		this.jobs = saved.jobs;
		this.results = saved.results;
		this.wanted = saved.wanted;
		this.tracking = saved.tracking;
		if (saved.updated > 0) this.#written = canonicalJson(saved);
	}

	/** Brings back the marks that were saved, and what was tracked. */
	async #restore(tracked: 'always' | 'when-more'): Promise<void> {
		const { store } = this.parts;
		const prompts = await store.prompts(this.id);
		if (prompts) this.prompting.restore(prompts);
		this.#savedChanges = this.prompting.changes;
		const frames = await store.trackedFrames(this.id);
		if (tracked === 'when-more' && frames === this.prompting.tracked.frames) return;
		this.prompting.tracked.clear();
		await this.#trackedKeeper.load(store.tracked(this.id), this.prompting.targets);
	}

	/** Keeps the clip in this browser and brings it to the server; a tab that may not write leaves that to the one that does. */
	async #bring(file: Blob): Promise<void> {
		const { api, connection, hash } = this.parts;
		if (this.lockedOut) return;
		this.upload?.stop();
		this.upload = new Upload(file, this.name, { api, connection, hash });
		this.#keepingNow = true;
		this.#keeping = this.#keep(file)
			.catch((error) => this.#warn(error))
			.finally(() => (this.#keepingNow = false));
		await Promise.all([this.#keeping, this.#finish(this.upload, this.#saved.hash)]);
	}

	async #keep(file: Blob): Promise<void> {
		const { files, store, thumbnail } = this.parts;
		const needed = this.#saved.updated === 0 || !(await store.thumbnail(this.id));
		// Drawn at once: the picture is the player's, which may be closed soon.
		const picture = needed ? this.player.shown?.bitmap : undefined;
		const [drawn] = await Promise.all([picture && thumbnail(picture), this.save()]);
		if (drawn) await store.setThumbnail(this.id, drawn);
		if (await this.#kept()) return;
		this.#saved = { ...this.#saved, file: await files.put(file) };
		await this.save();
	}

	async #finish(upload: Upload, knownHash?: string): Promise<void> {
		await upload.run(knownHash);
		this.prompting.serverClip = this.serverClip;
		if (upload.state.kind !== 'done') return;
		await this.save();
		this.parts.onServer();
	}

	/** Says each thing once, until saving has worked again. */
	#warn(error: unknown): undefined {
		const told = shownError(error);
		if (!told || this.#warned.has(told.code)) return;
		this.#warned.add(told.code);
		this.parts.warn(told);
	}
}
