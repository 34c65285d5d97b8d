import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDiskFull, modelError } from '../errors.ts';
import type { Sink } from './safetensors-writer.ts';

/** What a file is called until it is whole; what a crash leaves behind can be told by it. */
export const partMark = '.part-';

/**
 * Writes a file under another name and renames it when it is whole and on the disk: whoever finds the file can use it.
 * @param bytes how long it will be at least; the disk is asked for so much before anything is written
 * @throws CodedError `disk-full`, and what `produce` throws; nothing is left behind then
 */
export async function writeWhole(
	path: string,
	bytes: number,
	produce: (write: Sink) => Promise<void>
): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	const { bavail, bsize } = await statfs(dirname(path));
	if (bavail * bsize < bytes) throw modelError('disk-full', { bytes });
	const part = `${path}${partMark}${randomUUID()}`;
	try {
		const file = await open(part, 'wx');
		try {
			await produce(async (chunk) => {
				await file.writeFile(chunk);
			});
			await file.datasync();
		} finally {
			await file.close();
		}
		await rename(part, path);
	} catch (error) {
		await rm(part, { force: true });
		throw isDiskFull(error) ? modelError('disk-full', { bytes }, { cause: error }) : error;
	}
}
