import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { modelError } from '../errors.ts';
import { damaged, foreign, type ByteSource } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openFile, openShards } from './open-checkpoint.ts';

/**
 * Opens a model's weights on disk. No file is kept open.
 * @param path a `.safetensors` or `.pth` file, a `.safetensors.index.json` (weights in several files), or a folder with one of these
 * @throws CodedError `weights-absent`, `weights-damaged`, `weights-foreign`, `weights-unsafe`
 */
export async function openCheckpoint(path: string, signal?: AbortSignal): Promise<Checkpoint> {
	const main = (await stat(path).catch(() => undefined))?.isDirectory() ? await mainFile(path) : path;
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

async function mainFile(folder: string): Promise<string> {
	const names = await readdir(folder);
	for (const pattern of candidates) {
		const [name, ...others] = names.filter((name) => pattern.test(name));
		if (others.length > 0) throw foreign(basename(folder), `several: ${[name, ...others].sort().join(', ')}`);
		if (name) return join(folder, name);
	}
	throw modelError('weights-absent', { file: basename(folder) });
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
