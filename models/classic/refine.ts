import { emptyPlane, type Mask, type Size } from '../frame.ts';
import { applyModels, fitLinearModels, makeTaps } from './guided-filter.ts';
import { matOf, scoped, type Mat, type OpenCv, type Rect } from './opencv.ts';
import { fit } from './proxy.ts';

/** Pixels at which the models of the edge are fitted. */
const WORK_PIXELS = 90_000;
const EPSILON = 2e-4;

/**
 * Brings labels of a proxy to the frame's full size: far from their edge they are copied, along it a guided filter finds where the
 * frame's own edge is.
 * @param labels 0 or 1 for each pixel of the proxy
 * @returns a mask of the frame's size, 0 outside the region
 */
export function refineLabels(cv: OpenCv, frame: Mat, region: Rect, size: Size, labels: Uint8Array): Mask {
	const mask = emptyPlane({ width: frame.cols, height: frame.rows });
	const work = fit(region, WORK_PIXELS);
	return scoped((keep) => {
		const part = keep(frame.roi(region));
		const small = keep(new cv.Mat());
		const workSize = new cv.Size(work.width, work.height);
		cv.resize(part, small, workSize, 0, 0, cv.INTER_LINEAR);
		const proxy = keep(
			matOf(
				cv,
				size,
				labels.map((label) => 255 * label)
			)
		);
		const soft = keep(new cv.Mat());
		cv.resize(proxy, soft, workSize, 0, 0, cv.INTER_LINEAR);
		// How far the proxy can be wrong: about one and a half of its pixels.
		const radius = Math.max(1, Math.round((1.5 * work.width) / size.width));
		const near = keep(new cv.Mat());
		cv.boxFilter(soft, near, -1, new cv.Size(2 * radius + 1, 2 * radius + 1));

		const target = new Float32Array(soft.data);
		for (let i = 0; i < target.length; i++) target[i]! /= 255;
		// The models that are asked, and those averaged with them, see no further than this.
		const seen = keep(new cv.Mat());
		const reach = 3 * radius + 2;
		cv.boxFilter(soft, seen, -1, new cv.Size(2 * reach + 1, 2 * reach + 1));
		const sight = seen.data;
		const weight = new Float32Array(target.length);
		for (let i = 0; i < weight.length; i++) weight[i] = sight[i]! > 0 && sight[i]! < 255 ? 1 : 0;
		const models = fitLinearModels(
			cv,
			{ ...work, rgba: small.data.slice(), target, weight },
			radius + 1,
			EPSILON
		);

		const [across, down] = [makeTaps(region.width, work.width), makeTaps(region.height, work.height)];
		const nearData = near.data;
		const { data: source } = frame;
		const out = mask.data;
		const value = new Float32Array(2);
		for (let y = 0; y < region.height; y++) {
			let at = (region.y + y) * frame.cols + region.x;
			const row = down.first[y]! * work.width;
			const below = down.second[y]! * work.width;
			for (let x = 0; x < region.width; x++, at++) {
				const a = nearData[row + across.first[x]!]!;
				const b = nearData[below + across.second[x]!]!;
				if (a + b === 0) continue;
				if (a + b === 510) out[at] = 255;
				else {
					applyModels(models, work.width, across, down, x, y, source, 4 * at, value);
					if (value[0]! >= 0.5) out[at] = 255;
				}
			}
		}
		return mask;
	});
}
