import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';

/** Writes a value as JSON, in the way of `replaceFile`. */
export function writeJson(path: string, value: unknown): Promise<void> {
	return replaceFile(path, JSON.stringify(value));
}

/** Writes a file so that a reader, and a restart after a crash, finds the old one or the new one, never a part. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
	const draft = join(dirname(path), `.${randomUUID()}.draft`);
	try {
		const file = await open(draft, 'wx');
		try {
			await file.writeFile(content);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
}

/**
 * Reads a JSON file of a schema; undefined when there is none.
 * @throws Error when it is no JSON or does not fit
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
	return schema.parse(JSON.parse(text));
}
