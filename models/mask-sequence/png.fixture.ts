import { pngChunk, pngSignature } from '../png.ts';

export interface PngParts {
	readonly width: number;
	readonly height: number;
	readonly bits: number;
	readonly colour: number;
	/** Bytes of all rows, each row after the byte that names its filter. */
	readonly rows: readonly number[];
	readonly palette?: readonly number[];
	readonly transparency?: readonly number[];
	readonly interlaced?: boolean;
}

/** Writes a PNG of any kind, as other programs do. */
export async function pngOf(parts: PngParts): Promise<Blob> {
	const { width, height, bits, colour, rows, palette, transparency, interlaced } = parts;
	const header = new Uint8Array(13);
	new DataView(header.buffer).setUint32(0, width);
	new DataView(header.buffer).setUint32(4, height);
	header.set([bits, colour, 0, 0, interlaced ? 1 : 0], 8);
	const plain = new Blob([Uint8Array.from(rows)]).stream().pipeThrough(new CompressionStream('deflate'));
	return new Blob([
		pngSignature,
		pngChunk('IHDR', header),
		...(palette ? [pngChunk('PLTE', Uint8Array.from(palette))] : []),
		...(transparency ? [pngChunk('tRNS', Uint8Array.from(transparency))] : []),
		pngChunk('IDAT', new Uint8Array(await new Response(plain).arrayBuffer())),
		pngChunk('IEND', new Uint8Array(0))
	]);
}
