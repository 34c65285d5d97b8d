import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HubFile } from './hub.ts';

/** A file of the repository; `lfs` as the hub keeps large ones. */
interface Stored {
	readonly bytes: Buffer;
	readonly lfs: boolean;
}

/** A request as it came. */
interface Seen {
	readonly path: string;
	readonly range: string | undefined;
	readonly authorization: string | undefined;
}

export const fakeCommit = '0123456789abcdef0123456789abcdef01234567';

/**
 * A small server that speaks the protocol of the Hugging Face Hub, for tests: one repository or several, their small files answered at
 * once, the large ones by a redirect to a store under another name, in ranges if asked. It can be told to misbehave.
 */
export class FakeHub {
	/** Requests so far, in order. */
	readonly seen: Seen[] = [];
	/** The token that is wanted, if any. */
	token: string | undefined;
	/** The one repository that wants it; all do when undefined. */
	gated: string | undefined;
	commit = fakeCommit;
	/** Whether the store answers ranges. */
	ranges = true;
	/** Answers of the store break off after so many bytes, one after the other, as soon as these `arrived`; those that follow are whole. */
	cuts: number[] = [];
	/** The store sends these bytes and then nothing more, until `release`. */
	holdAfter: number | undefined;
	#cutting: { end: number; response: ServerResponse }[] = [];
	#held: (() => void)[] = [];
	readonly #server = createServer((request, response) => this.#answer(request, response));

	/** By their names, the files of the repositories by path. */
	readonly #repositories = new Map<string, ReadonlyMap<string, Stored>>();

	private constructor(readonly files: ReadonlyMap<string, Stored>) {}

	/**
	 * Starts it on a free port.
	 * @param files by path: text is kept as a small file, bytes as a large one
	 */
	static async start(repository: string, files: RepositoryFiles): Promise<FakeHub> {
		const hub = new FakeHub(store(files));
		hub.#repositories.set(repository, hub.files);
		await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve));
		return hub;
	}

	/** Adds a repository beside the first one. */
	add(repository: string, files: RepositoryFiles): void {
		this.#repositories.set(repository, store(files));
	}

	get endpoint(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** Says how much of the large file the client has, so that no byte is lost on its way when the connection is cut. */
	arrived(bytes: number): void {
		for (const { end, response } of this.#cutting) if (bytes >= end) response.destroy();
	}

	/** Goes on with what is held. */
	release(): void {
		this.holdAfter = undefined;
		for (const go of this.#held.splice(0)) go();
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	/** The ranges with which the bytes of large files were asked for; undefined for a whole one. */
	get downloads(): (string | undefined)[] {
		return this.seen
			.filter(({ path, range }) => path.startsWith('/store/') && range !== 'bytes=0-0')
			.map(({ range }) => range);
	}

	get #port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const { pathname } = new URL(request.url!, this.endpoint);
		const { range, authorization } = request.headers;
		this.seen.push({ path: pathname, range, authorization });
		if (pathname.startsWith('/store/')) return this.#store(pathname.slice(7), range, response);
		const named = [...this.#repositories].find(([name]) =>
			new RegExp(`^(/api/models)?/${name}/`).test(pathname)
		);
		if (!named) return void response.writeHead(404, { 'X-Error-Code': 'RepoNotFound' }).end();
		const [repository, files] = named;
		const isGated = this.token !== undefined && (this.gated ?? repository) === repository;
		if (isGated && authorization !== `Bearer ${this.token}`) {
			const status = authorization ? 403 : 401;
			return void response.writeHead(status, { 'X-Error-Code': 'GatedRepo' }).end('Access is restricted.');
		}
		const api = `/api/models/${repository}/`;
		const resolve = `/${repository}/resolve/${this.commit}/`;
		if (new RegExp(`^${api}revision/(main|HEAD|${this.commit})$`).test(pathname)) {
			return json(response, { _id: '1', id: repository, sha: this.commit, lastModified: '2026-01-01' });
		}
		if (pathname === `${api}tree/${this.commit}`) return json(response, tree(files));
		const file = pathname.startsWith(resolve) && files.get(pathname.slice(resolve.length));
		if (!file) return void response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
		if (!file.lfs) return send(response, file.bytes, gitName(file.bytes), range);
		response.writeHead(302, {
			// Another name of this machine: to a browser and to fetch, another origin.
			Location: `http://localhost:${this.#port}/store/${sha256(file.bytes)}`,
			'X-Linked-Size': String(file.bytes.length),
			'X-Linked-Etag': `"${sha256(file.bytes)}"`
		});
		response.end();
	}

	#store(name: string, range: string | undefined, response: ServerResponse): void {
		const stored = [...this.#repositories.values()].flatMap((files) => [...files.values()]);
		const { bytes } = stored.find((file) => sha256(file.bytes) === name)!;
		const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
		const wanted = this.ranges || range === 'bytes=0-0' ? range : undefined;
		const probe = range === 'bytes=0-0';
		const cut = probe ? undefined : this.cuts.shift();
		const stop = cut ?? (probe ? undefined : this.holdAfter);
		if (stop === undefined) return send(response, bytes, name, wanted);
		const from = wanted ? start : 0;
		response.writeHead(wanted ? 206 : 200, headersFor(bytes, name, from, bytes.length, wanted !== undefined));
		response.write(bytes.subarray(from, from + stop));
		if (cut !== undefined) this.#cutting.push({ end: from + stop, response });
		else this.#held.push(() => response.end(bytes.subarray(from + stop)));
	}
}

type RepositoryFiles = Readonly<Record<string, string | Uint8Array>>;

function store(files: RepositoryFiles): Map<string, Stored> {
	const stored = Object.entries(files).map(([path, content]) => {
		return [path, { bytes: Buffer.from(content), lfs: typeof content !== 'string' }] as const;
	});
	return new Map(stored);
}

function tree(files: ReadonlyMap<string, Stored>): unknown[] {
	return [...files].map(([path, { bytes, lfs }]) => {
		const large = { oid: sha256(bytes), size: bytes.length, pointerSize: 134 };
		return { type: 'file', path, size: bytes.length, oid: gitName(bytes), ...(lfs && { lfs: large }) };
	});
}

/** How a file is listed by a hub that has it. */
export function listed(path: string, bytes: Uint8Array): HubFile {
	return { path, bytes: bytes.length, checksum: { kind: 'sha256', hex: sha256(bytes) } };
}

/** Bytes without a pattern that would hide a mistake, the same in every run. */
export function noise(count: number): Buffer {
	const bytes = Buffer.alloc(count);
	let state = 1;
	for (let i = 0; i < count; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		bytes[i] = state >>> 24;
	}
	return bytes;
}

function json(response: ServerResponse, value: unknown): void {
	response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

function send(response: ServerResponse, bytes: Buffer, tag: string, range: string | undefined): void {
	const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
	if (first === undefined) {
		response.writeHead(200, headersFor(bytes, tag, 0, bytes.length, false)).end(bytes);
		return;
	}
	const [start, end] = [Number(first), last ? Number(last) + 1 : bytes.length];
	if (start >= bytes.length) {
		response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
		return;
	}
	response.writeHead(206, headersFor(bytes, tag, start, end, true)).end(bytes.subarray(start, end));
}

function headersFor(bytes: Buffer, tag: string, start: number, end: number, partial: boolean) {
	return {
		'Content-Length': String(end - start),
		ETag: `"${tag}"`,
		...(partial && { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` })
	};
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const gitName = (bytes: Uint8Array) =>
	createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
