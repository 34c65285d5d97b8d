import type { Frame, Size } from './frame.ts';

/**
 * 32-bit pixels: R, G, B, A from the lowest byte up, as RGBA lies in memory on a little-endian machine. Signed, since the engine
 * keeps signed 32-bit numbers in registers.
 */
type Pixels = Int32Array<ArrayBuffer>;

const opaque = 255 << 24;

/** Pure green, #00FF00. */
export function greenScreen({ width, height }: Size): Pixels {
	return new Int32Array(width * height).fill(opaque | 0x00ff00);
}

/** Squares of two greys, 16 pixels wide at 720p and in proportion at other sizes. */
export function checkerboard({ width, height }: Size): Pixels {
	const side = Math.max(4, Math.round(Math.min(width, height) / 45));
	const pixels = new Int32Array(width * height);
	for (let y = 0, i = 0; y < height; y++)
		for (let x = 0; x < width; x++, i++) {
			const light = (Math.floor(x / side) + Math.floor(y / side)) % 2 === 0;
			pixels[i] = opaque | (light ? 0xcccccc : 0x999999);
		}
	return pixels;
}

/**
 * Puts straight RGBA over an opaque background of the same size.
 * @param out receives the pixels, all opaque
 */
export function composite(foreground: Frame, background: Pixels, out: Pixels): void {
	const pixels = asPixels(foreground.data);
	for (let i = 0; i < out.length; i++) {
		const front = pixels[i]!;
		const alpha = front >>> 24;
		if (alpha === 255) out[i] = front;
		else if (alpha === 0) out[i] = background[i]!;
		else out[i] = mix(front, background[i]!, alpha);
	}
}

/** Each channel as `(front * alpha + back * (255 - alpha)) / 255`, rounded. */
function mix(front: number, back: number, alpha: number): number {
	const rest = 255 - alpha;
	const red = divide255((front & 255) * alpha + (back & 255) * rest);
	const green = divide255(((front >>> 8) & 255) * alpha + ((back >>> 8) & 255) * rest);
	const blue = divide255(((front >>> 16) & 255) * alpha + ((back >>> 16) & 255) * rest);
	return opaque | (blue << 16) | (green << 8) | red;
}

/** Exact rounded division for 0 to 255 * 255. */
function divide255(value: number): number {
	const biased = value + 128;
	return (biased + (biased >> 8)) >> 8;
}

/** The same memory as 32-bit pixels, or a copy where it is not aligned to them. */
function asPixels(data: Uint8Array | Uint8ClampedArray): Int32Array {
	const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
	return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
