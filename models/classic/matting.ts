import { emptyPlane, type Alpha, type Frame, type Mask, type Size } from '../frame.ts';
import { placeColours } from './edge-colours.ts';
import { edgeSharpness } from './edge-sharpness.ts';
import { applyModels, fitLinearModels, makeTaps } from './guided-filter.ts';
import { matOf, scoped, type OpenCv, type Rect } from './opencv.ts';
import { bounds, fit, shrinkValues, signedDistance, widen } from './proxy.ts';

/** Pixels at which the models of the band are fitted. */
const WORK_PIXELS = 130_000;
const EPSILON = 3e-5;

/**
 * Estimates alpha in the band along a mask's edge; inside of the band it is 255, outside 0.
 *
 * Each pixel of the band is placed between the colours of the target and of the background around it, as far as these can be told apart,
 * and a colour guided filter makes the result follow the picture. Along a sharp edge, what the filter cannot explain falls back to
 * the mask; along a blurred one, the filter has its way.
 * @param radius half the width of the band, in pixels
 * @param grow moves the mask's edge outward by so many pixels
 * @returns undefined when the mask is empty
 */
export function estimateAlpha(
	cv: OpenCv,
	frame: Frame,
	mask: Mask,
	radius: number,
	grow: number
): Alpha | undefined {
	const box = bounds(mask);
	if (!box) return undefined;
	const region = widen(box, 3 * radius + Math.max(0, grow) + 8, frame);
	const distance = edgeDistance(cv, mask, region, grow);
	const work = fit(region, WORK_PIXELS);
	const scale = work.width / region.width;
	const rgba = shrinkFrame(cv, frame, region, work);
	const depth = shrinkValues(cv, region, distance, work);
	const { target, weight, contrast } = placeColours(cv, work, rgba, depth, radius, scale);
	const window = Math.max(1, Math.round(0.25 * radius * scale));
	const models = fitLinearModels(cv, { ...work, rgba, target, weight }, window, EPSILON);

	const alpha = emptyPlane(frame);
	const [across, down] = [makeTaps(region.width, work.width), makeTaps(region.height, work.height)];
	const sharpness = edgeSharpness(
		frame,
		region,
		distance,
		(x, y) => contrast[down.first[y]! * work.width + across.first[x]!]!
	);
	const model = new Float32Array(2);
	for (let y = 0, i = 0; y < region.height; y++) {
		let at = (region.y + y) * frame.width + region.x;
		for (let x = 0; x < region.width; x++, i++, at++) {
			const inward = distance[i]!;
			if (inward <= -radius) continue;
			if (inward >= radius) alpha.data[at] = 255;
			else {
				applyModels(models, work.width, across, down, x, y, frame.data, 4 * at, model);
				const seen = unit(model[0]!);
				const drawn = unit(0.5 + inward / 2);
				const unexplained = 1 - unit(model[1]!);
				alpha.data[at] = Math.round(255 * (seen + sharpness(x, y) * unexplained * (drawn - seen)));
			}
		}
	}
	return alpha;
}

/** How far inside the moved edge each pixel of the region lies. */
function edgeDistance(cv: OpenCv, mask: Mask, region: Rect, grow: number): Float32Array {
	const labels = new Uint8Array(region.width * region.height);
	for (let y = 0, i = 0; y < region.height; y++) {
		let at = (region.y + y) * mask.width + region.x;
		for (let x = 0; x < region.width; x++, i++, at++) labels[i] = mask.data[at]! >= 128 ? 1 : 0;
	}
	const distance = signedDistance(cv, region, labels);
	if (grow !== 0) for (let i = 0; i < distance.length; i++) distance[i]! += grow;
	return distance;
}

function shrinkFrame(cv: OpenCv, frame: Frame, region: Rect, size: Size): Uint8Array {
	return scoped((keep) => {
		const part = keep(keep(matOf(cv, frame, frame.data)).roi(region));
		const small = keep(new cv.Mat());
		cv.resize(part, small, new cv.Size(size.width, size.height), 0, 0, cv.INTER_AREA);
		return small.data.slice();
	});
}

function unit(value: number): number {
	return value < 0 ? 0 : value > 1 ? 1 : value;
}
