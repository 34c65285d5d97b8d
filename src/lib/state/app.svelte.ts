import { untrack } from 'svelte';
import { Api } from '$lib/api/client.ts';
import { m } from '$lib/i18n/paraglide/messages.js';
import { segmentationMessage } from '$lib/i18n/ways.ts';
import { errorMessage, say } from '$lib/i18n/words.ts';
import { openDatabase } from '$lib/storage/database.ts';
import { Files } from '$lib/storage/files.ts';
import { askToPersist } from '$lib/storage/quota.ts';
import { Results } from '$lib/storage/results.ts';
import { SessionLock } from '$lib/storage/session-lock.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import type { MatteOptions } from '$models/matter.ts';
import type { EngineId } from '$models/registry.ts';
import { appError, toErrorBody, type ErrorBody } from '$protocol/errors.ts';
import { canonicalJson, heededOptions } from '$protocol/key.ts';
import type { Job, OutputKind } from '$protocol/schema.ts';
import { sha256 } from '$workers/media/client.ts';
import { runsHere } from './engines.ts';
import { BrowserModels } from './browser-models.svelte.ts';
import { isActive, Jobs } from './jobs.svelte.ts';
import { KeptResults } from './kept-results.svelte.ts';
import { Matting } from './matting.ts';
import { Outbox } from './outbox.ts';
import { isLocal } from './local-job.ts';
import { preferences } from './preferences.svelte.ts';
import { ResultView } from './result.svelte.ts';
import { Segmentation } from './segmentation.svelte.ts';
import { ServerConnection } from './server-connection.svelte.ts';
import { newSession, Session } from './session.svelte.ts';
import { shownError } from './shown-error.ts';
import { makeThumbnail } from './thumbnail.ts';
import { Toasts } from './toasts.svelte.ts';
import { TrackJobs } from './track-jobs.svelte.ts';
import { Tracking } from './tracking.svelte.ts';

const samplePath = '/sample/sample.mp4';

/** The whole page: the server, the open session and its shown result, and the sessions that were open before. */
export class App {
	readonly toasts = new Toasts();
	readonly api = new Api();
	readonly jobs = new Jobs(this.api, (job) => this.#ended(job));
	readonly trackJobs = new TrackJobs(this.api);
	readonly connection = new ServerConnection(this.api, [this.jobs, this.trackJobs]);
	/** The models that this browser keeps. */
	readonly browserModels = new BrowserModels({
		api: this.api,
		tell: (error) => this.tell(error),
		ready: (id) => this.toasts.show(() => m.browser_model_ready({ name: say('browser_model', id) }))
	});
	/** Who answers prompts. */
	readonly segmentation = new Segmentation({
		...{ api: this.api, connection: this.connection },
		kept: () => this.browserModels.find('sam3').kept,
		known: () => this.browserModels.look(),
		clip: () => this.session?.serverClip,
		sendClip: () => void this.session?.sendAgain(),
		wish: preferences.segmentation,
		remember: (wish) => (preferences.segmentation = wish),
		tell: (notice) => this.toasts.show(() => segmentationMessage(notice))
	});

	session = $state.raw<Session>();
	/** Of the open session. */
	tracking = $state.raw<Tracking>();
	result = $state.raw<ResultView>();
	/** The job to show: the one last asked for or picked from the list. */
	jobId = $state<string>();
	#asked = false;
	/** Keys of results of which the keeping was tried. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it
	readonly #tried = new Set<string>();
	/** The session that is open or about to be; null for none. */
	#target: string | null = null;
	#leaving: Promise<void> = Promise.resolve();
	#lock: SessionLock | undefined;
	/** The marks that the job in `jobId` was made from, as `prompting.version` counted; undefined for a job of an earlier visit. */
	#markedAt = $state<number>();

	readonly #database = openDatabase('splazmatte', { superseded: () => this.tell(appError('storage-newer')) });
	readonly sessions = new Sessions(this.#database);
	readonly files = new Files(this.#database);
	readonly results = new Results(this.#database);
	/** The results that this browser keeps. */
	readonly kept = new KeptResults(this.results, {
		kept: () => void this.#persist(),
		removed: () => this.#tried.clear()
	});
	readonly #matting = new Matting({
		api: this.api,
		jobs: this.jobs,
		kept: this.kept,
		connection: this.connection,
		tell: (error) => this.tell(error)
	});

	readonly #outbox = new Outbox({
		...{ api: this.api, connection: this.connection, jobs: this.jobs },
		...{ sessions: this.sessions, files: this.files, hash: sha256 },
		tell: (error) => this.tell(error)
	});

	/** The clip's jobs, newest first: the server's, and those of which this browser keeps the result. */
	readonly clipJobs = $derived.by(() => {
		const hash = this.session?.hash;
		if (!hash) return [];
		const jobs = this.jobs.ofClip(hash);
		const kept = this.kept.ofClip(hash).filter(({ id }) => !this.jobs.get(id));
		return [...jobs, ...kept].sort((a, b) => b.created - a.created);
	});
	readonly job = $derived(this.clipJobs.find(({ id }) => id === this.jobId));
	/** Results that the shown one can be compared with, newest first. */
	readonly otherResults = $derived(
		this.clipJobs.filter(({ id, state }) => state === 'done' && id !== this.result?.job.id)
	);
	readonly busy = $derived(this.job !== undefined && isActive(this.job.state));
	/** Whether marks or settings differ from those of the shown result. */
	readonly stale = $derived.by(() => {
		const { session, result } = this;
		if (!session || !result) return false;
		const { options, engine } = result.job;
		const marks = this.#markedAt !== undefined && this.#markedAt !== session.prompting.version;
		const heeded = (options: MatteOptions) => canonicalJson(heededOptions(options, engine));
		return marks || engine !== session.engine || heeded(options) !== heeded(session.options);
	});

	/** Whether work would be lost if the page were closed now. */
	get unsaved(): boolean {
		return this.#matting.unsaved || (this.session?.keeping ?? false);
	}

	/** @returns how to stop */
	start(): () => void {
		this.connection.connect();
		this.kept.load().catch((error) => this.tell(error));
		this.files.sweep().catch((error) => this.tell(error));
		const stop = $effect.root(() => {
			$effect(() => {
				if (this.connection.status === 'online') void untrack(() => this.#outbox.send());
			});
			$effect(() => {
				// What the server has may have changed with it.
				if (this.connection.health) void untrack(() => this.browserModels.load());
			});
		});
		const unwatch = this.sessions.watch((id) => {
			if (id === this.session?.id) this.session.follow().catch((error) => this.tell(error));
		});
		const unfollow = this.segmentation.start();
		const unlook = this.browserModels.start();
		return () => {
			stop();
			unwatch();
			unfollow();
			unlook();
			this.segmentation.close();
			this.connection.close();
			void this.#leave();
		};
	}

	/** Opens a new session for a file that the user has chosen, and returns its id. */
	async openFile(file: File): Promise<string> {
		const before = this.session;
		const saved = newSession(file.name, file.size, preferences.engine);
		const session = await this.#replace(saved.id, async () => saved, file);
		if (before?.state === 'ready') this.toasts.show(() => m.session_kept({ name: before.name }));
		if (!session) throw new DOMException('something else was opened', 'AbortError');
		return saved.id;
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
		if (id === this.#target) return true;
		try {
			const session = await this.#replace(id, async () => {
				if (id === null) return undefined;
				await this.#outbox.release(id);
				const saved = await this.sessions.get(id).catch((error) => this.tell(error));
				if (!saved) throw appError('session-missing');
				return saved;
			});
			if (session) this.jobId = session.jobs.at(-1);
			return true;
		} catch (error) {
			if (toErrorBody(error)?.code !== 'session-missing') throw error;
			this.#target = null;
			this.tell(error);
			return false;
		}
	}

	/** Chooses the engine of the open session, and of those that are begun from now on. */
	chooseEngine(engine: EngineId): void {
		if (this.session) this.session.engine = engine;
		preferences.engine = engine;
	}

	/** Has a matte made of the open session as it is now, where its engine runs. */
	matte(): Promise<void> {
		return this.#ask((session) => {
			const { engine } = session;
			return runsHere(engine) ? this.#matting.here(session, engine) : this.#matting.onServer(session);
		});
	}

	/** Has it made in this browser by the classic engine, whatever the session's is. */
	matteHere(): Promise<void> {
		return this.#ask((session) => this.#matting.here(session, 'classic'));
	}

	/** Asks for the matte as soon as the server is back. */
	async matteLater(): Promise<void> {
		const { session } = this;
		await this.#ask((asked) => this.#matting.later(asked));
		if (session) void this.#sendWanted(session);
	}

	/** Makes this tab the one that writes the open session. */
	async takeOver(): Promise<void> {
		await this.#lock?.takeOver();
	}

	async cancel(id: string): Promise<void> {
		await this.#matting.cancel(id).catch((error) => this.tell(error));
	}

	async retry(job: Job): Promise<void> {
		this.closeResult();
		if (isLocal(job)) return this.#ask((session) => this.#matting.here(session, job.engine));
		await this.jobs.retry(job.id).catch((error) => this.tell(error));
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
		this.result = new ResultView(job, this.#matting.files(job));
		void this.result.load();
	}

	/** Looks at another result beside the shown one; at the shown one alone when left out. */
	compareWith(job?: Job): void {
		this.result?.compare(job && new ResultView(job, this.#matting.files(job)));
	}

	/** Begins to compare the shown result with the newest of the others, or ends the comparison. */
	toggleComparison(): void {
		this.compareWith(this.result?.other ? undefined : this.otherResults[0]);
	}

	/** A file of a finished job, from this browser or the server. */
	async resultFile(job: Job, kind: OutputKind): Promise<Blob | undefined> {
		return this.#matting
			.files(job)
			.get(kind)
			.catch((error) => this.tell(error));
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

	/** Leaves what is open for another session, or none; undefined when something else is to be opened by then. */
	async #replace(
		id: string | null,
		read: () => Promise<SavedSession | undefined>,
		chosen?: Blob
	): Promise<Session | undefined> {
		this.#target = id;
		await this.#leave();
		const saved = await read();
		if (!saved || this.#target !== id) return undefined;
		const session = this.#begin(saved);
		const lock = new SessionLock(saved.id, {
			won: () => void session.takeUp().catch((error) => this.tell(error)),
			leaving: () => session.save(),
			lost: () => {
				session.lockedOut = true;
				this.tracking?.close();
			}
		});
		// Its clip is on the way while the lock is asked for and the workspace is drawn.
		session.lockedOut = true;
		void session.open(chosen);
		if (await lock.open()) void session.takeUp().catch((error) => this.tell(error));
		if (this.#target !== id) {
			await Promise.all([session.close(), lock.close()]);
			return undefined;
		}
		this.#lock = lock;
		this.session = session;
		this.tracking = this.#trackingOf(session);
		return session;
	}

	#trackingOf(session: Session): Tracking {
		return new Tracking({
			...{ session, api: this.api, jobs: this.trackJobs, connection: this.connection },
			segmentation: this.segmentation,
			wish: () => preferences.trackPlace,
			tell: (error) => this.tell(error)
		});
	}

	#begin(saved: SavedSession): Session {
		const session = new Session(saved, {
			api: this.api,
			connection: this.connection,
			store: this.sessions,
			files: this.files,
			hash: sha256,
			thumbnail: makeThumbnail,
			segments: this.segmentation,
			onServer: () => void this.#sendWanted(session),
			warn: this.#warn
		});
		return session;
	}

	/** Asks for a job in one of the ways, and shows it; at once where its result was made before. */
	async #ask(ask: (session: Session) => Promise<Job | undefined>): Promise<void> {
		const { session } = this;
		if (!session) return;
		try {
			await session.prompting.settled();
			const marks = session.prompting.version;
			const job = await ask(session);
			if (!job || session !== this.session) return;
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

	async #sendWanted(session: Session): Promise<void> {
		try {
			const job = await this.#matting.sendWanted(session);
			if (!job || session !== this.session) return;
			this.jobId = job.id;
			if (job.state === 'done') this.showResult(job);
		} catch (error) {
			this.tell(error);
		}
	}

	/** Closes what is open; what is already being closed is closed first. */
	#leave(): Promise<void> {
		const { session } = this;
		const lock = this.#lock;
		this.closeResult();
		this.tracking?.close();
		this.session = this.tracking = this.#lock = this.jobId = this.#markedAt = undefined;
		this.#matting.forget();
		this.#leaving = this.#leaving.then(async () => {
			await session?.close();
			await lock?.close();
		});
		return this.#leaving;
	}

	#ended(job: Job): void {
		void this.connection.refresh();
		if (job.state !== 'done') return;
		if (job.id === this.jobId) this.showResult(job);
	}

	/** Keeps the results of the open session's jobs in this browser, as soon as they are there. */
	keepFinished(): void {
		for (const job of this.clipJobs) if (job.state === 'done') void this.#keep(job);
	}

	/** Keeps a result of the open session; what the user removed to make room is fetched only to be shown. */
	async #keep(job: Job): Promise<void> {
		const { session } = this;
		if (!session?.jobs.includes(job.id) || session.results.includes(job.key) || session.lockedOut) return;
		if (this.#tried.has(job.key)) return;
		this.#tried.add(job.key);
		try {
			await this.#matting.files(job).keep();
			session.results = [...session.results, job.key];
			await session.save();
		} catch (error) {
			// What did not arrive is tried again; what found no room is, when there is more.
			if (toErrorBody(error)?.code === 'server-away') this.#tried.delete(job.key);
			else this.tell(error);
		}
	}

	/** Asks the browser not to clear what is kept, now that there is something to lose. */
	async #persist(): Promise<void> {
		if (this.#asked) return;
		this.#asked = true;
		await askToPersist();
	}
}
