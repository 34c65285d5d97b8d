import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileReply, type ServedFile } from './files.ts';
import type { HttpRequest, Reply } from './transport.ts';

const mimes: Record<string, string> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.mjs': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json',
	'.webmanifest': 'application/manifest+json',
	'.wasm': 'application/wasm',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.jpg': 'image/jpeg',
	'.webp': 'image/webp',
	'.ico': 'image/x-icon',
	'.woff2': 'font/woff2',
	'.mp4': 'video/mp4',
	'.webm': 'video/webm',
	'.txt': 'text/plain; charset=utf-8'
};

const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
	'Referrer-Policy': 'same-origin'
};

/** The build's files by path of the URL. A request only ever looks a name up here, so that none can lead out of the folder. */
type Files = ReadonlyMap<string, ServedFile>;

/**
 * Serves the page's static build: its files, and `index.html` for every other path, since the page does its own routing. Reads the
 * folder again when it was built anew.
 */
export class StaticApp {
	#files: Promise<Files> | undefined;
	/** Names the build that `#files` tells of. */
	#built = '';

	constructor(private readonly directory: string) {}

	async reply(request: HttpRequest): Promise<Reply> {
		const built = await builtAt(this.directory);
		if (!built) return notBuilt;
		if (!this.#files || this.#built !== built) {
			this.#built = built;
			this.#files = listFiles(this.directory);
		}
		const files = await this.#files;
		const file = files.get(decoded(request.path));
		if (!file && extname(request.path) !== '') return notFound;
		return fileReply(request, file ?? files.get('/index.html')!, 'not-found');
	}
}

const plain = { 'Content-Type': 'text/plain; charset=utf-8' };
const notFound: Reply = { status: 404, headers: plain, body: 'Not found' };
const notBuilt: Reply = {
	status: 503,
	headers: plain,
	body: 'The page is not built yet: npm run build, or npm start, which does so by itself.'
};

/** Names a build by the times of what is written last; undefined when there is none. */
async function builtAt(directory: string): Promise<string | undefined> {
	const [page, worker] = await Promise.all(
		['index.html', 'service-worker.js'].map((name) => stat(join(directory, name)).catch(() => undefined))
	);
	return page && `${page.mtimeMs} ${worker?.mtimeMs}`;
}

function decoded(path: string): string {
	try {
		return decodeURIComponent(path);
	} catch {
		return path;
	}
}

async function listFiles(directory: string): Promise<Files> {
	const html = await readFile(join(directory, 'index.html'), 'utf8');
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const files = new Map<string, ServedFile>();
	for (const entry of entries.filter((found) => found.isFile())) {
		const path = join(entry.parentPath, entry.name);
		const url = `/${relative(directory, path).split(sep).join('/')}`;
		files.set(url, await served(path, url, html));
	}
	return files;
}

async function served(path: string, url: string, html: string): Promise<ServedFile> {
	const { size, mtimeMs } = await stat(path);
	const immutable = url.includes('_app/immutable/');
	return {
		path,
		mime: mimes[extname(path)] ?? 'application/octet-stream',
		tag: `${size.toString(36)}-${Math.round(mtimeMs).toString(36)}`,
		headers: {
			...isolation,
			'Content-Security-Policy': contentPolicy(html, url.includes('/workers/')),
			...(immutable ? { 'Cache-Control': 'public, max-age=31536000, immutable' } : {})
		}
	};
}

/**
 * What the page may load and run: our own files, WebAssembly, and the inline scripts of its own HTML, by hash. A worker has a policy of
 * its own; there OpenCV.js makes its bindings from text.
 */
function contentPolicy(html: string, worker: boolean): string {
	const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
		([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`
	);
	return [
		"default-src 'self'",
		`script-src 'self' 'wasm-unsafe-eval' ${worker ? "'unsafe-eval' blob:" : inline.join(' ')}`,
		"worker-src 'self' blob:",
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' blob: data:",
		"media-src 'self' blob:",
		"font-src 'self' data:",
		"connect-src 'self' blob: data:",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'"
	].join('; ');
}
