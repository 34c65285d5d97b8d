import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { ModelInfo } from '../registry.ts';

/** Milliseconds between two signs of life, and without one until a lock counts as left behind. */
const BEAT = 5000;
const STALE = 30_000;

/**
 * Changes a model's folder, which must be there, while nobody else does.
 * @throws CodedError `model-busy`
 */
export function lockModel<T>({ name }: ModelInfo, folder: string, change: () => Promise<T>): Promise<T> {
	return withLock(join(folder, 'pull.lock'), () => modelError('model-busy', { name }), change);
}

/**
 * Runs something that only one process may do at a time. The file that says so holds the process's number and is touched while it
 * works, so that what a killed process left is told even where its number was given to another.
 * @param busy makes the error for when another does it
 */
async function withLock<T>(path: string, busy: () => Error, run: () => Promise<T>): Promise<T> {
	await take(path, busy);
	const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), BEAT);
	try {
		return await run();
	} finally {
		clearInterval(beat);
		await rm(path, { force: true });
	}
}

async function take(path: string, busy: () => Error): Promise<void> {
	for (;;) {
		try {
			const file = await open(path, 'wx');
			return await file.writeFile(String(process.pid)).finally(() => file.close());
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		if (await isHeld(path)) throw busy();
		await rm(path, { force: true });
	}
}

async function isHeld(path: string): Promise<boolean> {
	const [owner, stats] = await Promise.all([
		readFile(path, 'utf8').catch(() => ''),
		stat(path).catch(() => undefined)
	]);
	if (!stats || Date.now() - stats.mtimeMs > STALE) return false;
	// Without a number it was made this moment.
	return owner === '' || isAlive(Number(owner));
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
