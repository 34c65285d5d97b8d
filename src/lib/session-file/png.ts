import { sameSize, type Plane, type Size } from '$models/frame.ts';
import { readPng } from '$models/png-reader.ts';

/** Bytes that a file may have beyond its pixels, for texts and the like. */
const overhead = 2 ** 20;

/**
 * Reads an 8-bit grey PNG of a known size; one of another size is refused before it is inflated.
 * @throws Error when it is damaged or of another kind or size
 */
export async function decodeGreyPng(file: Blob, { width, height }: Size): Promise<Plane> {
	if (file.size > (width + 1) * height + overhead) throw new Error('larger than its pixels');
	const { rows } = await readPng(file, (header) => {
		if (header.bits !== 8 || header.colour !== 0) throw new Error('not 8-bit grey');
		if (!sameSize(header, { width, height })) throw new Error(`it is ${header.width}x${header.height}`);
	});
	return { width, height, data: rows };
}
