import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { modelError } from '../errors.ts';
import { damaged, foreign, type ByteSource } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { joinParts, openFile, openShards } from './open-checkpoint.ts';

/**
 * Opens a model's weights on disk. No file is kept open.
 * @param path a `.safetensors` or `.pth` file, a `.safetensors.index.json` (weights in several files), a folder with one of these, or
 * one whose subfolders are such (a model of several networks, as diffusers lays it out): each gives its name to its tensors, as in
 * `unet.conv_in.weight`
 * @throws CodedError `weights-absent`, `weights-damaged`, `weights-foreign`, `weights-unsafe`
 */
export async function openCheckpoint(path: string, signal?: AbortSignal): Promise<Checkpoint> {
	if (!(await stat(path).catch(() => undefined))?.isDirectory()) return openMain(path, signal);
	const main = await mainFile(path);
	return main === undefined ? openParts(path, signal) : openMain(main, signal);
}

async function openParts(folder: string, signal?: AbortSignal): Promise<Checkpoint> {
	const entries = await readdir(folder, { withFileTypes: true });
	const parts = new Map<string, Checkpoint>();
	for (const name of entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort()) {
		const main = await mainFile(join(folder, name));
		if (main !== undefined) parts.set(name, await openMain(main, signal));
	}
	if (parts.size === 0) throw modelError('weights-absent', { file: basename(folder) });
	return joinParts(parts);
}

async function openMain(main: string, signal?: AbortSignal): Promise<Checkpoint> {
	const source = await openSource(main);
	if (!main.endsWith('.json')) return await openFile(source, signal);
	return await openShards(source, (name) => openSource(join(dirname(main), name)), signal);
}

/** The hub's usual names, and others where there is just one. */
const candidates = [
	/^model\.safetensors$/,
	/^model\.safetensors\.index\.json$/,
	/\.safetensors\.index\.json$/,
	/\.safetensors$/,
	/^pytorch_model\.bin$/,
	/\.(pth|pt)$/
];

async function mainFile(folder: string): Promise<string | undefined> {
	const names = await readdir(folder);
	for (const pattern of candidates) {
		const [name, ...others] = names.filter((name) => pattern.test(name));
		if (others.length > 0) throw foreign(basename(folder), `several: ${[name, ...others].sort().join(', ')}`);
		if (name) return join(folder, name);
	}
	return undefined;
}

async function openSource(path: string): Promise<ByteSource> {
	const name = basename(path);
	const stats = await stat(path).catch((cause) => {
		throw modelError('weights-absent', { file: name }, { cause });
	});
	if (!stats.isFile()) throw foreign(name, 'no file');
	return {
		name,
		size: stats.size,
		identity: String(stats.mtimeMs),
		async read(offset, bytes, signal) {
			signal?.throwIfAborted();
			const file = await open(path);
			try {
				const content = new Uint8Array(bytes);
				let filled = 0;
				while (filled < bytes) {
					const { bytesRead } = await file.read(content, filled, bytes - filled, offset + filled);
					if (bytesRead === 0) throw damaged(name, `ends after ${offset + filled} bytes`);
					filled += bytesRead;
				}
				return content;
			} finally {
				await file.close();
			}
		}
	};
}
