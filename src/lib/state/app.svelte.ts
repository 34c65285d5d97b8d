import { Api } from '$lib/api/client.ts';
import { m } from '$lib/i18n/paraglide/messages.js';
import { errorMessage } from '$lib/i18n/words.ts';
import { ClipFiles } from '$lib/storage/clip-files.ts';
import { openDatabase, type SavedSession } from '$lib/storage/database.ts';
import { SessionStore } from '$lib/storage/sessions.ts';
import { appError, type ErrorBody } from '$protocol/errors.ts';
import type { Job } from '$protocol/schema.ts';
import { sha256 } from '$workers/media/client.ts';
import { isActive, Jobs } from './jobs.svelte.ts';
import { ResultView } from './result.svelte.ts';
import { ServerConnection } from './server-connection.svelte.ts';
import { newSession, Session } from './session.svelte.ts';
import { shownError } from './shown-error.ts';
import { Toasts } from './toasts.svelte.ts';

const samplePath = '/sample/sample.mp4';

/** The whole page: the server, the open session and its shown result, and the sessions that were open before. */
export class App {
	readonly toasts = new Toasts();
	readonly #api = new Api();
	readonly jobs = new Jobs(this.#api, (job) => this.#ended(job));
	readonly connection = new ServerConnection(this.#api, this.jobs);

	session = $state.raw<Session>();
	result = $state.raw<ResultView>();
	/** Saved sessions, newest first; undefined until they are read. */
	recent = $state.raw<readonly SavedSession[]>();
	/** The job to show: the one last asked for or picked from the list. */
	jobId = $state<string>();
	/** The marks that the job in `jobId` was made from, as `prompting.changes` counted; undefined for a job of an earlier visit. */
	#markedAt = $state<number>();

	readonly #database = openDatabase();
	readonly #store = new SessionStore(this.#database);
	readonly #files = new ClipFiles(this.#database);

	readonly job = $derived(this.jobId === undefined ? undefined : this.jobs.get(this.jobId));
	readonly clipJobs = $derived(this.session ? this.jobs.ofClip(this.session.hash) : []);
	readonly busy = $derived(this.job !== undefined && isActive(this.job.state));
	/** Whether marks or settings differ from those of the shown result. */
	readonly stale = $derived.by(() => {
		const { session, result } = this;
		if (!session || !result) return false;
		const { options, engine } = result.job;
		const marks = this.#markedAt !== undefined && this.#markedAt !== session.prompting.changes;
		return marks || engine !== session.engine || JSON.stringify(options) !== JSON.stringify(session.options);
	});

	/** @returns how to stop */
	start(): () => void {
		this.connection.connect();
		void this.#list();
		return () => {
			this.connection.close();
			void this.#leave();
		};
	}

	/** Opens a new session for a file that the user has chosen, and returns its id. */
	async openFile(file: File): Promise<string> {
		const before = this.session;
		await this.#leave();
		this.session = this.#begin(newSession(file.name, file.size));
		if (before?.state === 'ready') this.toasts.show(() => m.session_kept({ name: before.name }));
		void this.session.open(file);
		return this.session.id;
	}

	/** Opens the built-in clip. */
	async openSample(): Promise<string> {
		const answer = await fetch(samplePath).catch(() => undefined);
		const type = answer?.headers.get('Content-Type') ?? '';
		if (!answer?.ok || !type.startsWith('video/')) throw appError('server-away');
		return this.openFile(new File([await answer.blob()], 'sample.mp4', { type }));
	}

	/** Shows a saved session, or the start page for null. Resolves to false when there is no such session. */
	async show(id: string | null): Promise<boolean> {
		if (id === (this.session?.id ?? null)) return true;
		await this.#leave();
		if (id === null) {
			await this.#list();
			return true;
		}
		const saved = await this.#store.get(id).catch((error) => this.tell(error));
		if (!saved) {
			this.tell(appError('session-missing'));
			await this.#list();
			return false;
		}
		this.session = this.#begin(saved);
		this.jobId = saved.jobs.at(-1);
		void this.session.open();
		return true;
	}

	async forget(id: string): Promise<void> {
		try {
			await Promise.all([this.#store.remove(id), this.#files.remove(id)]);
		} catch (error) {
			this.tell(error);
		}
		await this.#list();
	}

	/** Asks for a matte of the open session as it is now. */
	async matte(): Promise<void> {
		const { session } = this;
		if (!session) return;
		try {
			await session.prompting.settled();
			const marks = session.prompting.changes;
			const job = await this.jobs.create(session.request());
			session.jobs = [...session.jobs.filter((id) => id !== job.id), job.id];
			this.closeResult();
			this.jobId = job.id;
			this.#markedAt = marks;
			if (job.state === 'done') {
				this.showResult(job);
				this.toasts.show(() => m.matte_already());
			}
		} catch (error) {
			this.tell(error);
		}
	}

	async cancel(id: string): Promise<void> {
		await this.jobs.cancel(id).catch((error) => this.tell(error));
	}

	async retry(id: string): Promise<void> {
		this.closeResult();
		await this.jobs.retry(id).catch((error) => this.tell(error));
	}

	/** Picks one of the clip's jobs; a finished one is shown. */
	pick(job: Job): void {
		this.closeResult();
		if (this.jobId !== job.id) this.#markedAt = undefined;
		this.jobId = job.id;
		if (job.state === 'done') this.showResult(job);
	}

	showResult(job: Job): void {
		this.closeResult();
		this.result = new ResultView(job);
		void this.result.load(this.#api);
	}

	closeResult(): void {
		this.result?.close();
		this.result = undefined;
	}

	/** Tells of something that went wrong and did not stop anything else. */
	tell(error: unknown): undefined {
		const told = shownError(error);
		if (told) this.#warn(told);
	}

	#warn = (error: ErrorBody): void => this.toasts.show(() => errorMessage(error), 'error');

	#begin(saved: SavedSession): Session {
		return new Session(saved, {
			api: this.#api,
			connection: this.connection,
			store: this.#store,
			files: this.#files,
			hash: sha256,
			warn: this.#warn
		});
	}

	async #leave(): Promise<void> {
		const { session } = this;
		this.closeResult();
		this.session = undefined;
		this.jobId = undefined;
		this.#markedAt = undefined;
		await session?.close();
	}

	async #list(): Promise<void> {
		this.recent = (await this.#store.list().catch((error) => this.tell(error))) ?? [];
	}

	#ended(job: Job): void {
		void this.connection.refresh();
		if (job.id === this.jobId && job.state === 'done') this.showResult(job);
	}
}
