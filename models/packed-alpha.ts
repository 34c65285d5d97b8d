import { fromBase64, toBase64 } from './base64.ts';
import type { Alpha, Size } from './frame.ts';
import { inflate } from './inflate.ts';

/** An alpha, or a soft mask, deflated: one that is to wait long. Of a person at 1080p it takes 10 to 60 kB instead of 2 MB. */
export interface PackedAlpha extends Size {
	readonly packed: Blob;
}

export async function packAlpha({ width, height, data }: Alpha): Promise<PackedAlpha> {
	const plain = new Blob([data as Uint8Array<ArrayBuffer>]);
	const packed = await new Response(plain.stream().pipeThrough(new CompressionStream('deflate-raw'))).blob();
	return { width, height, packed };
}

/** @throws Error when it is damaged, or of another size */
export async function unpackAlpha({ width, height, packed }: PackedAlpha): Promise<Alpha> {
	return { width, height, data: await inflate(packed, 'deflate-raw', width * height) };
}

/** Its bytes in base64, on their way in JSON. */
export async function alphaText({ packed }: PackedAlpha): Promise<string> {
	return toBase64(new Uint8Array(await packed.arrayBuffer()));
}

/**
 * Reads what `alphaText` has written.
 * @throws DOMException when it is no base64
 */
export function parseAlpha(text: string, { width, height }: Size): PackedAlpha {
	return { width, height, packed: new Blob([fromBase64(text)]) };
}
