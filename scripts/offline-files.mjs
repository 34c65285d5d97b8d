// Tells the service worker which files make up the page. SvelteKit's own list lacks what only workers load: OpenCV, ffmpeg.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const worker = 'service-worker.js';
/** Not kept: the service worker itself, and what tells which version the server has. */
const fresh = [worker, '_app/version.json'];

/**
 * Puts the list of a build's files, with the digest of each, at the head of its service worker.
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
	for (const name of names) {
		const digest = createHash('sha256').update(await readFile(path.join(directory, name)));
		files[name === 'index.html' ? '/' : encodeURI(`/${name}`)] = `sha256-${digest.digest('base64')}`;
	}
	const script = path.join(directory, worker);
	await writeFile(script, `self.files=${JSON.stringify(files)};\n${await readFile(script, 'utf8')}`);
}
