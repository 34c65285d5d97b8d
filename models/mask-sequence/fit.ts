import { resizeAntialiased } from '../antialias.ts';
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
	const data = Uint8Array.from(resizeAntialiased(plane.data, plane, { width, height }), Math.round);
	return { width, height, data };
}
