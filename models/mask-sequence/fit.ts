import { modelError } from '../errors.ts';
import { sameSize, type Plane, type Size } from '../frame.ts';

/** A side may be off by as much as rounding makes it, or by one part in a hundred. */
const tolerance = 0.01;

/**
 * A plane at the size of a clip, scaled where its sides have the same proportion.
 * @throws CodedError `mask-shape` where they have not
 */
export function fitPlane(plane: Plane, { width, height }: Size): Plane {
	if (sameSize(plane, { width, height })) return plane;
	const wanted = (plane.width * height) / plane.height;
	const off = Math.abs(wanted - width);
	if (off > Math.max(width * tolerance, height / plane.height, 1)) {
		const sizes = { maskWidth: plane.width, maskHeight: plane.height, width, height };
		throw modelError('mask-shape', sizes);
	}
	return scalePlane(plane, { width, height });
}

/** Each pixel is the mean of the area that it covers; where the picture grows, it lies between its nearest ones. */
function scalePlane(plane: Plane, size: Size): Plane {
	const across = weightsOf(plane.width, size.width);
	const down = weightsOf(plane.height, size.height);
	const wide = new Float32Array(size.width * plane.height);
	for (let y = 0, i = 0; y < plane.height; y++)
		for (let x = 0; x < size.width; x++, i++) {
			const { from, weights } = across[x]!;
			let sum = 0;
			for (let k = 0; k < weights.length; k++) sum += weights[k]! * plane.data[y * plane.width + from + k]!;
			wide[i] = sum;
		}
	const data = new Uint8Array(size.width * size.height);
	for (let y = 0, i = 0; y < size.height; y++) {
		const { from, weights } = down[y]!;
		for (let x = 0; x < size.width; x++, i++) {
			let sum = 0;
			for (let k = 0; k < weights.length; k++) sum += weights[k]! * wide[(from + k) * size.width + x]!;
			data[i] = Math.round(sum);
		}
	}
	return { ...size, data };
}

/** For each pixel of a line, which of another line it is made of: a triangle, as wide as the pixel is there, one pixel at least. */
function weightsOf(from: number, to: number): { readonly from: number; readonly weights: number[] }[] {
	const scale = from / to;
	const reach = Math.max(scale, 1);
	return Array.from({ length: to }, (_, i) => {
		const centre = (i + 0.5) * scale - 0.5;
		const first = Math.max(0, Math.ceil(centre - reach));
		const last = Math.min(from - 1, Math.floor(centre + reach));
		const raw = Array.from({ length: last - first + 1 }, (_, k) => 1 - Math.abs(first + k - centre) / reach);
		const sum = raw.reduce((a, b) => a + b, 0);
		return { from: first, weights: raw.map((weight) => weight / sum) };
	});
}
