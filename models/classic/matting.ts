import { emptyPlane, type Alpha, type Frame, type Mask, type Size } from '../frame.ts';
import { averageSides, contrastOf, placeColours, type Picture } from './edge-colours.ts';
import { edgeShape, type EdgeShape } from './edge-shape.ts';
import { applyModels, fitLinearModels, makeTaps } from './guided-filter.ts';
import { matOf, scoped, type OpenCv, type Rect } from './opencv.ts';
import { bounds, fit, shrinkValues, signedDistance, widen } from './proxy.ts';

/** Pixels at which the models of the band are fitted, and at which the contrast along it is found. */
const WORK_PIXELS = 90_000;
const COARSE_PIXELS = 40_000;
const EPSILON = 3e-5;
/** How many times wider the band is along a gradual edge. */
const WIDEST = 4;

/**
 * Estimates alpha in the band along a mask's edge; inside of the band it is 255, outside 0.
 *
 * Each pixel of the band is placed between the colours of the target and of the background around it, as far as these can be told apart,
 * and a colour guided filter makes the result follow the picture. Along a sharp edge, what the filter cannot explain falls back to
 * the mask; along a blurred one, the filter has its way; along a gradual one, the band is wider and the mask stands for a ramp.
 * @param radius half the width of the band, in pixels; up to four times as much where the edge is gradual
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
	const region = widen(box, WIDEST * radius + Math.max(0, grow) + 8, frame);
	const distance = edgeDistance(mask, region, grow);
	const work = fit(region, WORK_PIXELS);
	const coarse = fit(region, COARSE_PIXELS);
	const scale = coarse.width / region.width;
	const [picture, overview] = look(cv, frame, region, distance, [work, coarse]) as [Picture, Picture];
	const contrast = averageSides(cv, overview, radius, scale, contrastOf);
	const edge = edgeShape(frame, region, distance, { ...coarse, data: contrast });

	const drawn = new Float32Array(picture.depth.length);
	drawAlphas(picture, region, radius, edge, drawn);
	narrow(picture, region, edge);
	narrow(overview, region, edge);
	const placed = averageSides(cv, overview, radius, scale, (sides) =>
		placeColours(picture, sides, radius, drawn)
	);
	const window = Math.max(1, Math.round((0.25 * radius * work.width) / region.width));
	const models = fitLinearModels(cv, { ...picture, ...placed }, window, EPSILON);
	return drawBand(frame, region, distance, radius, edge, { ...work, models });
}

/** What the mask says of the alpha of every pixel. */
function drawAlphas(
	{ width, height, depth }: Picture,
	region: Rect,
	radius: number,
	edge: EdgeShape,
	drawn: Float32Array
): void {
	for (let y = 0, i = 0; y < height; y++) {
		const v = ((y + 0.5) / height) * region.height - 0.5;
		for (let x = 0; x < width; x++, i++) {
			const gradual = edge.mostGradual && edge.gradual(((x + 0.5) / width) * region.width - 0.5, v);
			drawn[i] = drawnAlpha(depth[i]!, radius, gradual);
		}
	}
}

/** Divides depths by how much wider the band is, so that what is found for the usual band holds. */
function narrow({ width, height, depth }: Picture, region: Rect, edge: EdgeShape): void {
	if (edge.mostGradual === 0) return;
	for (let y = 0, i = 0; y < height; y++) {
		const v = ((y + 0.5) / height) * region.height - 0.5;
		for (let x = 0; x < width; x++, i++)
			depth[i]! /= widening(edge.gradual(((x + 0.5) / width) * region.width - 0.5, v));
	}
}

/** The alphas of a frame: by the models in the band along the edge, and by the mask where they cannot explain a sharp edge. */
function drawBand(
	frame: Frame,
	region: Rect,
	distance: Float32Array,
	radius: number,
	edge: EdgeShape,
	{ width, height, models }: Size & { readonly models: Float32Array }
): Alpha {
	const alpha = emptyPlane(frame);
	const { data } = alpha;
	const [across, down] = [makeTaps(region.width, width), makeTaps(region.height, height)];
	const model = new Float32Array(2);
	const reach = radius * widening(edge.mostGradual);
	for (let y = 0, i = 0; y < region.height; y++) {
		let at = (region.y + y) * frame.width + region.x;
		for (let x = 0; x < region.width; x++, i++, at++) {
			const d = distance[i]!;
			if (d <= -reach) continue;
			if (d >= reach) {
				data[at] = 255;
				continue;
			}
			const gradual = edge.mostGradual && edge.gradual(x, y);
			const inward = d / widening(gradual);
			if (inward <= -radius) continue;
			if (inward >= radius) data[at] = 255;
			else {
				applyModels(models, width, across, down, x, y, frame.data, 4 * at, model);
				const seen = unit(model[0]!);
				const drawn = drawnAlpha(d, radius, gradual);
				const unexplained = 1 - unit(model[1]!);
				data[at] = Math.round(255 * (seen + edge.sharpness(x, y) * unexplained * (drawn - seen)));
			}
		}
	}
	return alpha;
}

/** How far inside the moved edge each pixel of the region lies. */
function edgeDistance(mask: Mask, region: Rect, grow: number): Float32Array {
	const distance = signedDistance(mask, 128, region);
	if (grow !== 0) for (let i = 0; i < distance.length; i++) distance[i]! += grow;
	return distance;
}

/** The region's colours and depths, at several sizes. */
function look(
	cv: OpenCv,
	frame: Frame,
	region: Rect,
	distance: Float32Array,
	sizes: readonly Size[]
): Picture[] {
	return scoped((keep) => {
		const part = keep(keep(matOf(cv, frame, frame.data)).roi(region));
		return sizes.map((size) => {
			const small = keep(new cv.Mat());
			cv.resize(part, small, new cv.Size(size.width, size.height), 0, 0, cv.INTER_AREA);
			return { ...size, rgba: small.data.slice(), depth: shrinkValues(cv, region, distance, size) };
		});
	});
}

/** What a mask says of alpha at a distance inside its edge: a step of two pixels, but a ramp through the widened band along a gradual edge. */
function drawnAlpha(distance: number, radius: number, gradual: number): number {
	return unit(0.5 + distance / (2 + gradual * (2 * WIDEST * radius - 2)));
}

/** By how much the band is wider. */
function widening(gradual: number): number {
	return 1 + gradual * (WIDEST - 1);
}

function unit(value: number): number {
	return value < 0 ? 0 : value > 1 ? 1 : value;
}
