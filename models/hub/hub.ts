import { HubApiError, fileDownloadInfo, listFiles, modelInfo } from '@huggingface/hub';
import { CodedError, modelError } from '../errors.ts';
import { hubEndpoint } from '../registry.ts';

/** What a file's bytes must come to: the SHA-256 of a large file, or the name that git gives a small one. */
export interface Checksum {
	readonly kind: 'sha256' | 'git-blob';
	readonly hex: string;
}

/** A file as the hub lists it. */
export interface HubFile {
	/** Within the repository. */
	readonly path: string;
	readonly bytes: number;
	readonly checksum: Checksum;
}

export interface HubOptions {
	/** Address of the hub or of a mirror, without a slash at the end. */
	readonly endpoint?: string;
	/** Access token for repositories that are gated or private. */
	readonly token?: string;
	readonly fetch?: typeof fetch;
}

/** How long the hub may think about a question, in milliseconds. */
const PATIENCE = 30_000;

/**
 * The Hugging Face Hub, or a mirror that speaks its protocol. All methods throw CodedErrors: `hub-away`, `hub-token`, `hub-refused`,
 * `hub-missing`, `hub-failed`.
 */
export class Hub {
	readonly endpoint: string;
	readonly #token: string | undefined;
	readonly #fetch: typeof fetch;

	constructor({ endpoint = hubEndpoint, token, fetch: request = fetch }: HubOptions = {}) {
		this.endpoint = endpoint.replace(/\/+$/, '');
		this.#token = token || undefined;
		this.#fetch = request;
	}

	/** To name it by. */
	get host(): string {
		return new URL(this.endpoint).host;
	}

	/** The page where a person reads about a repository and asks for access. */
	page(repository: string): string {
		return `${this.endpoint}/${repository}`;
	}

	/** The commit that a branch, tag or commit stands for now. */
	commit(repository: string, revision: string, signal?: AbortSignal): Promise<string> {
		return this.#ask(repository, revision, async () => {
			const { sha } = await modelInfo({
				...this.#call(signal),
				name: repository,
				revision,
				additionalFields: ['sha']
			});
			return sha;
		});
	}

	/** The files of these paths, in their order. */
	files(
		repository: string,
		commit: string,
		paths: readonly string[],
		signal?: AbortSignal
	): Promise<HubFile[]> {
		return this.#ask(repository, commit, async () => {
			const listed = new Map<string, HubFile>();
			const call = { ...this.#call(signal), repo: repository, revision: commit, recursive: true };
			for await (const { type, path, size, oid, lfs } of listFiles(call)) {
				if (type !== 'file' || (!lfs && !oid)) continue;
				const checksum: Checksum = lfs
					? { kind: 'sha256', hex: lfs.oid.replace(/^sha256:/, '') }
					: { kind: 'git-blob', hex: oid! };
				listed.set(path, { path, bytes: lfs?.size ?? size, checksum });
			}
			return paths.map((path) => {
				const file = listed.get(path);
				if (!file) throw modelError('hub-missing', { what: `${repository}/${path}` });
				return file;
			});
		});
	}

	/**
	 * Asks for a file's bytes from an offset on.
	 * @returns an answer with status 200 (the whole file), 206 (from the offset on) or 416 (there is nothing behind the offset)
	 */
	open(
		repository: string,
		commit: string,
		path: string,
		offset: number,
		signal: AbortSignal
	): Promise<Response> {
		return this.#ask(repository, commit, async () => {
			const asked = { ...this.#call(signal), repo: repository, revision: commit, path };
			const info = await fileDownloadInfo(asked);
			if (!info) throw modelError('hub-missing', { what: `${repository}/${path}` });
			// The token is for the hub alone, not for the store that it sends us to.
			const known = new URL(info.url).origin === new URL(this.endpoint).origin;
			const answer = await this.#fetch(info.url, {
				signal,
				headers: {
					// Compressed, the offsets would mean something else.
					'Accept-Encoding': 'identity',
					...(offset > 0 && { Range: `bytes=${offset}-` }),
					...(known && this.#token && { Authorization: `Bearer ${this.#token}` })
				}
			});
			if ([200, 206, 416].includes(answer.status)) return answer;
			await answer.body?.cancel();
			throw new HubApiError(info.url, answer.status);
		});
	}

	#call(signal?: AbortSignal) {
		const patience = AbortSignal.timeout(PATIENCE);
		const ends = signal ? AbortSignal.any([signal, patience]) : patience;
		const request: typeof fetch = (input, init) => this.#fetch(input, { ...init, signal: ends });
		return { hubUrl: this.endpoint, fetch: request, accessToken: this.#token };
	}

	async #ask<T>(repository: string, revision: string, question: () => Promise<T>): Promise<T> {
		if (this.#token && !this.#token.startsWith('hf_')) throw modelError('hub-token');
		try {
			return await question();
		} catch (error) {
			if (error instanceof CodedError || (error as Error).name === 'AbortError') throw error;
			throw this.#told(repository, revision, error);
		}
	}

	#told(repository: string, revision: string, cause: unknown): CodedError {
		const { host } = this;
		if (!(cause instanceof HubApiError)) {
			const away = cause instanceof TypeError || (cause as Error).name === 'TimeoutError';
			if (away) return modelError('hub-away', { host }, { cause });
			return modelError('hub-failed', { host, problem: (cause as Error).message }, { cause });
		}
		const status = cause.statusCode;
		if (status === 401 || status === 403) {
			return modelError('hub-refused', { status, page: this.page(repository) }, { cause });
		}
		if (status === 404) return modelError('hub-missing', { what: `${repository} (${revision})` }, { cause });
		return modelError('hub-failed', { host, problem: `status ${status}` }, { cause });
	}
}
