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
	const area = (2 * radius + 1) ** 2;
	const columns = mirrored(width, radius);
	const rows = mirrored(height, radius);
	const blurred = new Uint8Array(width * height);
	/** Of each column, the sum over the rows around the current one. */
	const sums = new Uint32Array(width);
	for (let i = 0; i < 2 * radius; i++) {
		for (let x = 0, from = rows[i]! * width; x < width; x++) sums[x]! += data[from + x]!;
	}
	for (let y = 0, out = 0; y < height; y++) {
		const entering = rows[y + 2 * radius]! * width;
		for (let x = 0; x < width; x++) sums[x]! += data[entering + x]!;
		let sum = 0;
		for (let i = 0; i < 2 * radius; i++) sum += sums[columns[i]!]!;
		for (let x = 0; x < width; x++, out++) {
			sum += sums[columns[x + 2 * radius]!]!;
			blurred[out] = sum / area + 0.5;
			sum -= sums[columns[x]!]!;
		}
		const leaving = rows[y]! * width;
		for (let x = 0; x < width; x++) sums[x]! -= data[leaving + x]!;
	}
	return { width, height, data: blurred };
}

/** The places from `-radius` up to `length + radius`, those outside mirrored at the first and the last. */
function mirrored(length: number, radius: number): Uint32Array {
	const period = Math.max(1, 2 * (length - 1));
	return Uint32Array.from({ length: length + 2 * radius }, (_, i) => {
		const place = (((i - radius) % period) + period) % period;
		return Math.min(place, period - place);
	});
}
