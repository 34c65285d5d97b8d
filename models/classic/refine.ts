import { emptyPlane, type Mask, type Size } from '../frame.ts';
import { applyModels, fitLinearModels, makeTaps, type Fit } from './guided-filter.ts';
import { matOf, scoped, type Mat, type OpenCv, type Rect } from './opencv.ts';
import { fit, times255 } from './proxy.ts';

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
	scoped((keep) => {
		const part = keep(frame.roi(region));
		const small = keep(new cv.Mat());
		const workSize = new cv.Size(work.width, work.height);
		cv.resize(part, small, workSize, 0, 0, cv.INTER_LINEAR);
		const proxy = keep(matOf(cv, size, labels));
		times255(proxy.data);
		const soft = keep(new cv.Mat());
		cv.resize(proxy, soft, workSize, 0, 0, cv.INTER_LINEAR);
		// How far the proxy can be wrong: about one and a half of its pixels.
		const radius = Math.max(1, Math.round((1.5 * work.width) / size.width));
		const near = keep(new cv.Mat());
		cv.boxFilter(soft, near, -1, new cv.Size(2 * radius + 1, 2 * radius + 1));
		// The models that are asked, and those averaged with them, see no further than this.
		const seen = keep(new cv.Mat());
		const reach = 3 * radius + 2;
		cv.boxFilter(soft, seen, -1, new cv.Size(2 * reach + 1, 2 * reach + 1));

		const edge = { ...work, rgba: small.data.slice(), ...alongEdge(soft.data, seen.data) };
		const models = fitLinearModels(cv, edge, radius + 1, EPSILON);
		drawMask(mask, frame.data, region, { ...work, near: near.data, models });
	});
	return mask;
}

/** What the models are to explain, 0 to 1, and that they are to be fitted only where both labels are seen. */
function alongEdge(soft: Uint8Array, seen: Uint8Array): Pick<Fit, 'target' | 'weight'> {
	const target = new Float32Array(soft.length);
	const weight = new Float32Array(soft.length);
	for (let i = 0; i < soft.length; i++) {
		target[i] = soft[i]! / 255;
		weight[i] = seen[i]! > 0 && seen[i]! < 255 ? 1 : 0;
	}
	return { target, weight };
}

/** Draws a region of the mask: as the labels say where they agree near by, else as the models say. */
function drawMask(
	mask: Mask,
	rgba: Uint8Array,
	region: Rect,
	{ width, height, near, models }: Size & { readonly near: Uint8Array; readonly models: Float32Array }
): void {
	const { data } = mask;
	const [across, down] = [makeTaps(region.width, width), makeTaps(region.height, height)];
	const value = new Float32Array(2);
	for (let y = 0; y < region.height; y++) {
		let at = (region.y + y) * mask.width + region.x;
		const row = down.first[y]! * width;
		const below = down.second[y]! * width;
		for (let x = 0; x < region.width; x++, at++) {
			const a = near[row + across.first[x]!]!;
			const b = near[below + across.second[x]!]!;
			if (a + b === 0) continue;
			if (a + b === 510) data[at] = 255;
			else {
				applyModels(models, width, across, down, x, y, rgba, 4 * at, value);
				if (value[0]! >= 0.5) data[at] = 255;
			}
		}
	}
}
