import type { Alpha, Size } from './frame.ts';

/** An alpha, deflated: one that is to wait long. Of a person at 1080p it takes 10 to 60 kB instead of 2 MB. */
export interface PackedAlpha extends Size {
	readonly packed: Blob;
}

export async function packAlpha({ width, height, data }: Alpha): Promise<PackedAlpha> {
	const plain = new Blob([data as Uint8Array<ArrayBuffer>]);
	const packed = await new Response(plain.stream().pipeThrough(new CompressionStream('deflate-raw'))).blob();
	return { width, height, packed };
}

export async function unpackAlpha({ width, height, packed }: PackedAlpha): Promise<Alpha> {
	const plain = new Response(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')));
	return { width, height, data: new Uint8Array(await plain.arrayBuffer()) };
}
