// Tells the service worker which files make up the page. SvelteKit's own list lacks what only workers load: OpenCV, ffmpeg.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const worker = 'service-worker.js';
/** Not kept: the service worker itself, and what tells which version the server has. */
const fresh = [worker, '_app/version.json'];
/** Kept only once it was used: ONNX Runtime is large, and not everybody computes networks in the browser. */
const onDemand = /\/ort-wasm-[^/]*$/;

/**
 * Puts the lists of a build's files, with the digest of each, at the head of its service worker.
 * @param {string} directory the folder of the build
 */
export async function listOfflineFiles(directory) {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const names = entries
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
		.map((name) => name.split(path.sep).join('/'))
		.filter((name) => !fresh.includes(name))
		.sort();
	/** @type {Record<string, string>} */
	const files = {};
	/** @type {Record<string, string>} */
	const later = {};
	for (const name of names) {
		const digest = createHash('sha256').update(await readFile(path.join(directory, name)));
		const list = onDemand.test(name) ? later : files;
		list[name === 'index.html' ? '/' : encodeURI(`/${name}`)] = `sha256-${digest.digest('base64')}`;
	}
	const script = path.join(directory, worker);
	const lists = `self.files=${JSON.stringify(files)};self.later=${JSON.stringify(later)};`;
	await writeFile(script, `${lists}\n${await readFile(script, 'utf8')}`);
}
