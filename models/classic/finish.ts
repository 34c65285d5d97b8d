import type { Alpha } from '../frame.ts';
import type { MatteOptions } from '../matter.ts';
import { matOf, scoped, type OpenCv } from './opencv.ts';

/** Applies what the user set for the finished alpha: first gamma, then feather. */
export function finish(
	cv: OpenCv,
	alpha: Alpha,
	{ gamma, feather }: Pick<MatteOptions, 'gamma' | 'feather'>
): Alpha {
	const bent = gamma === 1 ? alpha : bend(alpha, gamma);
	return feather === 0 ? bent : soften(cv, bent, feather);
}

function bend(alpha: Alpha, gamma: number): Alpha {
	const table = Uint8Array.from({ length: 256 }, (_, i) => Math.round(255 * (i / 255) ** gamma));
	return { ...alpha, data: alpha.data.map((value) => table[value]!) };
}

/** Two box blurs, which together reach `radius` pixels to every side. */
function soften(cv: OpenCv, alpha: Alpha, radius: number): Alpha {
	return scoped((keep) => {
		const from = keep(matOf(cv, alpha, alpha.data));
		const once = keep(new cv.Mat());
		const twice = keep(new cv.Mat());
		const side = 2 * Math.ceil(radius / 2) + 1;
		cv.boxFilter(from, once, -1, new cv.Size(side, side));
		cv.boxFilter(once, twice, -1, new cv.Size(side, side));
		return { ...alpha, data: twice.data.slice() };
	});
}
