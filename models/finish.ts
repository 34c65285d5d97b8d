import type { Alpha } from './frame.ts';
import type { MatteOptions } from './matter.ts';

/** Applies what the user set for the finished alpha: first gamma, then feather. */
export function finish(alpha: Alpha, { gamma, feather }: Pick<MatteOptions, 'gamma' | 'feather'>): Alpha {
	const bent = gamma === 1 ? alpha : bend(alpha, gamma);
	return feather === 0 ? bent : soften(bent, Math.ceil(feather / 2));
}

function bend(alpha: Alpha, gamma: number): Alpha {
	const table = Uint8Array.from({ length: 256 }, (_, i) => Math.round(255 * (i / 255) ** gamma));
	return { ...alpha, data: alpha.data.map((value) => table[value]!) };
}

/** Two box blurs of this radius, which together reach twice as far to every side. */
function soften(alpha: Alpha, radius: number): Alpha {
	return boxBlur(boxBlur(alpha, radius), radius);
}

/** The mean of the square around every pixel; beyond its borders the picture is mirrored at them (OpenCV's `BORDER_REFLECT_101`). */
export function boxBlur({ width, height, data }: Alpha, radius: number): Alpha {
	const side = 2 * radius + 1;
	const columns = new Uint32Array(width);
	const blurred = new Uint8Array(width * height);
	const row = (y: number) => mirror(y, height) * width;
	for (let y = -radius; y <= radius; y++) {
		for (let x = 0, i = row(y); x < width; x++) columns[x]! += data[i + x]!;
	}
	for (let y = 0, out = 0; y < height; y++) {
		let sum = 0;
		for (let x = -radius; x <= radius; x++) sum += columns[mirror(x, width)]!;
		for (let x = 0; x < width; x++) {
			blurred[out++] = sum / side ** 2 + 0.5;
			sum += columns[mirror(x + radius + 1, width)]! - columns[mirror(x - radius, width)]!;
		}
		const [leaving, entering] = [row(y - radius), row(y + radius + 1)];
		for (let x = 0; x < width; x++) columns[x]! += data[entering + x]! - data[leaving + x]!;
	}
	return { width, height, data: blurred };
}

/** The place within `length` that lies mirrored at the first or last one. */
function mirror(at: number, length: number): number {
	if (length === 1) return 0;
	const period = 2 * (length - 1);
	const place = ((at % period) + period) % period;
	return place < length ? place : period - place;
}
