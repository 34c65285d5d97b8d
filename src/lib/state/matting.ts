import { version } from '../../../package.json';
import type { Api } from '$lib/api/client.ts';
import { engineInfo, type EngineId } from '$models/registry.ts';
import { appError, toErrorBody } from '$protocol/errors.ts';
import type { Job, JobRequest, OutputKind } from '$protocol/schema.ts';
import { browserOutputs, matteInBrowser } from '$workers/matte/client.ts';
import { KeptModels } from '$workers/models/kept-models.ts';
import { workedSmaller } from './job-record.ts';
import type { Jobs } from './jobs.svelte.ts';
import type { KeptResults } from './kept-results.svelte.ts';
import { isLocal, localId } from './local-job.ts';
import { ResultFiles } from './result-files.ts';
import { resultKey } from './result-key.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import type { Session } from './session.svelte.ts';
import { shownError } from './shown-error.ts';

interface Parts {
	readonly api: Pick<Api, 'output'>;
	readonly jobs: Pick<Jobs, 'create' | 'put' | 'cancel' | 'retry'>;
	readonly kept: Pick<KeptResults, 'find' | 'file' | 'keep'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect' | 'health'>;
	/** Tells the user of something that did not stop anything else. */
	readonly tell: (error: unknown) => void;
	readonly run?: typeof matteInBrowser;
	/** SHA-256 of the weights that this browser keeps for an engine. */
	readonly keptWeights?: (engine: EngineId) => Promise<string | undefined>;
}

async function weightsKeptHere(engine: EngineId): Promise<string | undefined> {
	const { model, places } = engineInfo(engine);
	if (!model || !places.includes('browser')) return undefined;
	return (await (await KeptModels.open())?.find(model))?.about.weights;
}

/**
 * Gets mattes made of sessions whose masks are settled: on the server, later on the server, or in this browser. What was made before
 * from the same clip, masks, engine and options is not made again, wherever it is.
 */
export class Matting {
	/** What this browser is computing, by the jobs' ids. */
	readonly #running = new Map<string, AbortController>();
	/** Files of finished jobs, by their keys. */
	readonly #files = new Map<string, ResultFiles>();

	constructor(private readonly parts: Parts) {}

	/** Asks the server for a matte of the session as it is now; it may be one that was made before, here or there. */
	async onServer(session: Session): Promise<Job> {
		const request = await session.request();
		const known = await this.#known(session, request);
		// The server makes of every clip what every editor reads.
		const poor = known && isLocal(known) && known.notices.some(({ code }) => code === 'encoded-in-browser');
		return known && !poor ? known : this.#create(session, request);
	}

	/** Asks for a matte as soon as the server is back. */
	async later(session: Session): Promise<Job | undefined> {
		const request = await session.request();
		const known = await this.#known(session, request);
		if (!known) session.wanted = request;
		return known;
	}

	/**
	 * Sends what was asked for while the server was away. Does nothing until the server has the clip; call it again then.
	 * @returns the job, or undefined when there is nothing to send now
	 */
	async sendWanted(session: Session): Promise<Job | undefined> {
		const { connection } = this.parts;
		while (session.wanted && session.upload?.state.kind === 'done' && !session.lockedOut) {
			await connection.online();
			const request = session.wanted;
			if (!request || session.closed || session.lockedOut) return undefined;
			try {
				const job = await this.#create(session, request);
				session.wanted = undefined;
				return job;
			} catch (error) {
				const code = toErrorBody(error)?.code;
				if (code === 'server-away') {
					connection.suspect();
					continue;
				}
				// The server has lost the clip meanwhile: it is sent again, and then this is called again.
				if (code === 'clip-missing') return void session.sendAgain();
				session.wanted = undefined;
				throw error;
			}
		}
		return undefined;
	}

	/** Computes a matte of the session as it is now in this browser, on an engine that can; returns as soon as it has begun. */
	async here(session: Session, on: EngineId): Promise<Job> {
		const { file } = session;
		if (!file) throw appError('clip-missing');
		const asked = await session.request(on);
		const outputs = asked.outputs.filter((kind) => browserOutputs.includes(kind));
		const making: JobRequest = { ...asked, outputs };
		const known = await this.#known(session, making);
		if (known) return known;
		const key = await this.#key(making);
		const id = localId(key);
		const { clip, name, engine, options } = making;
		const now = Date.now();
		const job: Job = {
			...{ id, key, clip, name, engine, options, outputs, created: now, started: now },
			state: 'running',
			results: [],
			notices: []
		};
		await session.addJob(id);
		// What a browser cannot write is asked for as well: the job's notices tell of it.
		if (!this.#running.has(id)) void this.#run(job, file, { ...making, outputs: asked.outputs });
		return job;
	}

	/** @throws CodedError */
	async cancel(id: string): Promise<void> {
		const running = this.#running.get(id);
		if (running) running.abort();
		else await this.parts.jobs.cancel(id);
	}

	/** The files of a finished job, wherever they are. */
	files(job: Job): ResultFiles {
		const known = this.#files.get(job.key);
		if (known) return known;
		const files = new ResultFiles(job, this.parts.api, this.parts.kept);
		this.#files.set(job.key, files);
		return files;
	}

	/** Whether something would be lost if the page were closed now. */
	get unsaved(): boolean {
		return this.#running.size > 0 || [...this.#files.values()].some(({ onlyHere }) => onlyHere);
	}

	/** Forgets the files that can be had again. */
	forget(): void {
		for (const [key, { onlyHere }] of this.#files) if (!onlyHere) this.#files.delete(key);
	}

	/** The key of a request's result. While the server was never heard of, the only weights that are known are those kept here. */
	async #key(request: JobRequest): Promise<string> {
		const { connection, keptWeights = weightsKeptHere } = this.parts;
		const told = connection.health?.engines.find(({ id }) => id === request.engine);
		const weights = told ? told.weights : await keptWeights(request.engine);
		return resultKey(request, { version, weights });
	}

	/** A finished job of the same key that this browser keeps, if it had the memory that it wanted. */
	async #known(session: Session, request: JobRequest): Promise<Job | undefined> {
		const key = await this.#key(request);
		// Where the browser keeps nothing, nothing is known.
		const found = await this.parts.kept.find(key).catch(() => undefined);
		if (!found || workedSmaller(found.job)) return undefined;
		await session.addJob(found.job.id);
		return found.job;
	}

	async #create(session: Session, request: JobRequest): Promise<Job> {
		const job = await this.parts.jobs.create(request);
		await session.addJob(job.id);
		return job;
	}

	async #run(job: Job, file: Blob, request: JobRequest): Promise<void> {
		const { jobs, api, kept, run = matteInBrowser } = this.parts;
		const stop = new AbortController();
		this.#running.set(job.id, stop);
		jobs.put(job);
		const ended = (change: Partial<Job>) => jobs.put({ ...job, ...change, finished: Date.now() });
		try {
			const onProgress = (progress: Job['progress']) => jobs.put({ ...job, progress });
			const made = await run(file, request, { onProgress, signal: stop.signal });
			const results = made.results.map(({ blob: _, ...result }) => result);
			const blobs = new Map<OutputKind, Blob>(made.results.map(({ kind, blob }) => [kind, blob]));
			const { notices, record } = made;
			// The weights may be others than when the job was asked for.
			const { keyframes } = request;
			const key = record.weights
				? await resultKey({ ...job, keyframes }, { version, weights: String(record.weights) })
				: job.key;
			const done: Job = { ...job, key, state: 'done', results, notices, record, finished: Date.now() };
			const files = new ResultFiles(done, api, kept, blobs);
			this.#files.set(key, files);
			await files.keep().catch(this.parts.tell);
			jobs.put(done);
		} catch (error) {
			if (stop.signal.aborted) ended({ state: 'cancelled' });
			else ended({ state: 'failed', error: shownError(error) });
		} finally {
			this.#running.delete(job.id);
		}
	}
}
