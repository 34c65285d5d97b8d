import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifest, manifestFile, type Manifest } from './manifest.ts';

/** Reads a model's manifest; undefined when there is none that can be understood. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
	try {
		return manifest.parse(JSON.parse(await readFile(join(folder, manifestFile), 'utf8')));
	} catch (error) {
		const { code, name } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || name === 'ZodError' || error instanceof SyntaxError) return undefined;
		throw error;
	}
}

/** Writes it by a rename, so that a reader finds the old one or the new one. */
export async function writeManifest(folder: string, value: Manifest): Promise<void> {
	const draft = join(folder, `.${randomUUID()}.draft`);
	try {
		await writeFile(draft, `${JSON.stringify(value, undefined, '\t')}\n`);
		await rename(draft, join(folder, manifestFile));
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
}
