import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from './json.ts';

/** Bytes of the SHA-256 that a sealed file begins with. */
const SEAL = 32;

/** Writes a file behind its SHA-256, in the way of `replaceFile`. */
export function writeSealed(path: string, content: string | Uint8Array): Promise<void> {
	const bytes = Buffer.from(content);
	return replaceFile(path, Buffer.concat([sealOf(bytes), bytes]));
}

/**
 * Reads what `writeSealed` has written.
 * @throws Error when there is none, or it is damaged
 */
export async function readSealed(path: string): Promise<Buffer<ArrayBuffer>> {
	const file = await readFile(path);
	const content = file.subarray(SEAL);
	if (!sealOf(content).equals(file.subarray(0, SEAL))) throw new Error(`${path} is damaged`);
	return content;
}

function sealOf(bytes: Uint8Array): Buffer {
	return createHash('sha256').update(bytes).digest();
}
