import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { manifest, pullRecord, type Manifest, type PullRecord } from './manifest.ts';

const manifestFile = 'manifest.json';
const pullFile = 'pull.json';

/** Reads a model's manifest; undefined when there is none that can be understood. */
export function readManifest(folder: string): Promise<Manifest | undefined> {
	return read(join(folder, manifestFile), manifest);
}

/** Reads the record of a download that was not finished; undefined when there is none that can be understood. */
export function readPull(folder: string): Promise<PullRecord | undefined> {
	return read(join(folder, pullFile), pullRecord);
}

export function writeManifest(folder: string, value: Manifest): Promise<void> {
	return write(folder, manifestFile, value);
}

export function writePull(folder: string, value: PullRecord): Promise<void> {
	return write(folder, pullFile, value);
}

export function removePull(folder: string): Promise<void> {
	return rm(join(folder, pullFile), { force: true });
}

async function read<Schema extends z.ZodType>(
	path: string,
	schema: Schema
): Promise<z.infer<Schema> | undefined> {
	try {
		return schema.parse(JSON.parse(await readFile(path, 'utf8')));
	} catch (error) {
		const { code, name } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || name === 'ZodError' || error instanceof SyntaxError) return undefined;
		throw error;
	}
}

/** Writes it by a rename, so that a reader finds the old one or the new one. */
async function write(folder: string, file: string, value: unknown): Promise<void> {
	const draft = join(folder, `.${randomUUID()}.draft`);
	try {
		await writeFile(draft, `${JSON.stringify(value, undefined, '\t')}\n`);
		await rename(draft, join(folder, file));
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
}
