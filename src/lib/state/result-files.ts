import type { Api } from '$lib/api/client.ts';
import { appError } from '$protocol/errors.ts';
import type { Job, OutputKind } from '$protocol/schema.ts';
import { workedSmaller } from './job-record.ts';
import type { KeptResults } from './kept-results.svelte.ts';
import { isLocal } from './local-job.ts';

/** The files of a finished job: those that this browser keeps, else the server's. Each is read once. */
export class ResultFiles {
	readonly #files = new Map<OutputKind, Promise<Blob>>();
	/** The only copies of the files are in memory. */
	onlyHere: boolean;

	/** @param made the files of a job that was done just now in this browser */
	constructor(
		private readonly job: Job,
		private readonly api: Pick<Api, 'output'>,
		private readonly kept: Pick<KeptResults, 'file' | 'find' | 'keep'>,
		made: ReadonlyMap<OutputKind, Blob> = new Map()
	) {
		this.onlyHere = made.size > 0;
		for (const [kind, file] of made) this.#files.set(kind, Promise.resolve(file));
	}

	/** @throws CodedError `result-missing` when it is kept nowhere; `server-away` */
	get(kind: OutputKind): Promise<Blob> {
		const known = this.#files.get(kind);
		if (known) return known;
		const reading = this.#read(kind);
		this.#files.set(kind, reading);
		reading.catch(() => this.#files.delete(kind));
		return reading;
	}

	/**
	 * Keeps all files in this browser; does nothing when they are kept.
	 * @throws CodedError as `get`; `storage-full`
	 */
	async keep(): Promise<void> {
		if (!(await this.#isKept())) {
			const files = new Map<OutputKind, Blob>();
			for (const { kind } of this.job.results) files.set(kind, await this.get(kind));
			await this.kept.keep(this.job, files);
		}
		this.onlyHere = false;
	}

	/** What the server made takes the place of what this browser made, and a full size that of a smaller one. */
	async #isKept(): Promise<boolean> {
		const kept = await this.kept.find(this.job.key);
		if (!kept || isLocal(kept.job) !== isLocal(this.job)) return false;
		return workedSmaller(this.job) || !workedSmaller(kept.job);
	}

	async #read(kind: OutputKind): Promise<Blob> {
		const file = (await this.#isKept()) ? await this.kept.file(this.job.key, kind) : undefined;
		if (file) return file;
		if (isLocal(this.job)) throw appError('result-missing');
		const fetched = await this.api.output(this.job.id, kind);
		const expected = this.job.results.find((result) => result.kind === kind)?.bytes;
		// A connection that breaks may end a file early without an error.
		if (fetched.size !== expected) throw appError('server-away');
		return fetched;
	}
}
