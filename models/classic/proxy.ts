import type { Mask, Plane, Size } from '../frame.ts';
import { matOf, scoped, type Mat, type OpenCv, type Rect } from './opencv.ts';

/** A part of a frame at reduced size, on which labels are found. */
export interface Proxy extends Size {
	/** The part of the frame that it shows. */
	readonly region: Rect;
	/** CIE Lab as OpenCV codes it, 3 bytes for each pixel. */
	readonly lab: Uint8Array;
	readonly grey: Uint8Array;
}

/** The size of a region scaled down, if need be, to `pixels`. */
export function fit({ width, height }: Size, pixels: number): Size {
	const scale = Math.min(1, Math.sqrt(pixels / (width * height)));
	return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Shows a region of an RGBA frame at a size. */
export function makeProxy(cv: OpenCv, frame: Mat, region: Rect, size: Size): Proxy {
	return scoped((keep) => {
		const part = keep(frame.roi(region));
		const small = keep(new cv.Mat());
		cv.resize(part, small, new cv.Size(size.width, size.height), 0, 0, cv.INTER_AREA);
		const rgb = keep(new cv.Mat());
		cv.cvtColor(small, rgb, cv.COLOR_RGBA2RGB);
		const lab = keep(new cv.Mat());
		cv.cvtColor(rgb, lab, cv.COLOR_RGB2Lab);
		const grey = keep(new cv.Mat());
		cv.cvtColor(small, grey, cv.COLOR_RGBA2GRAY);
		return { width: size.width, height: size.height, region, lab: lab.data.slice(), grey: grey.data.slice() };
	});
}

/** A region of a mask at a size: the share of the target in each pixel, 0 to 255. */
export function shrinkMask(cv: OpenCv, mask: Mask, region: Rect, size: Size): Uint8Array {
	return scoped((keep) => {
		const part = keep(keep(matOf(cv, mask, mask.data)).roi(region));
		const small = keep(new cv.Mat());
		cv.resize(part, small, new cv.Size(size.width, size.height), 0, 0, cv.INTER_AREA);
		return small.data.slice();
	});
}

/** The smallest rectangle that holds all pixels of 128 or more, all of which lie `within`; undefined when there is none. */
export function bounds(
	{ width, height, data }: Mask,
	within: Rect = { x: 0, y: 0, width, height }
): Rect | undefined {
	const start = within.x;
	const end = within.x + within.width;
	let left = end;
	let right = -1;
	let top = -1;
	let bottom = -1;
	for (let y = within.y, row = y * width; y < within.y + within.height; y++, row += width) {
		let x = start;
		while (x < end && data[row + x]! < 128) x++;
		if (x === end) continue;
		if (top < 0) top = y;
		bottom = y;
		if (x < left) left = x;
		for (x = end - 1; data[row + x]! < 128; x--);
		if (x > right) right = x;
	}
	if (top < 0) return undefined;
	return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** A rectangle widened on every side, as far as the picture goes. */
export function widen({ x, y, width, height }: Rect, margin: number, within: Size): Rect {
	const left = Math.max(0, Math.floor(x - margin));
	const top = Math.max(0, Math.floor(y - margin));
	return {
		x: left,
		y: top,
		width: Math.min(within.width, Math.ceil(x + width + margin)) - left,
		height: Math.min(within.height, Math.ceil(y + height + margin)) - top
	};
}

/** Lengths of a straight step and of a diagonal one in 1/65536 of a pixel, for the least error (Borgefors 1986). */
const STRAIGHT = 62587;
const DIAGONAL = 89738;
const FAR = 1 << 30;

/**
 * Distance of each pixel to the nearest one on the other side of the target's edge, in pixels, positive inside: a chamfer distance in
 * two scans (Borgefors, "Distance transformations in digital images", 1986).
 * @param least value from which on a pixel belongs to the target
 * @param region what is looked at
 */
export function signedDistance(
	{ width: stride, height, data }: Plane,
	least: number,
	region: Rect = { x: 0, y: 0, width: stride, height }
): Float32Array {
	const { width } = region;
	// A border as wide as a step, on the side of the pixel next to it, spares every test of the bounds.
	const across = width + 2;
	const steps = new Int32Array(across * (region.height + 2));
	for (let y = 0, row = across; y < region.height; y++, row += across) {
		const from = (region.y + y) * stride + region.x - 1;
		for (let x = 1; x <= width; x++) steps[row + x] = data[from + x]! >= least ? FAR : -FAR;
		steps[row] = steps[row + 1]!;
		steps[row + width + 1] = steps[row + width]!;
	}
	steps.copyWithin(0, across, 2 * across);
	steps.copyWithin(steps.length - across, steps.length - 2 * across, steps.length - across);

	const last = steps.length - 2 * across;
	for (let row = across; row <= last; row += across) scan(steps, row + 1, row + width + 1, 1, -across);
	for (let row = last; row > 0; row -= across) scan(steps, row + width, row, -1, across);

	// In the same memory: what is read always lies behind what is written.
	const distance = new Float32Array(steps.buffer, 0, width * region.height);
	for (let y = 0, i = 0, row = across + 1; y < region.height; y++, row += across)
		for (let x = 0; x < width; x++, i++) distance[i] = steps[row + x]! / 65536;
	return distance;
}

/** Brings a row's distances down to those by way of the pixel before each (`step` is 1 or -1) and the three in the row at `next`. */
function scan(steps: Int32Array, from: number, end: number, step: 1 | -1, next: number): void {
	let beside = steps[from - step]!;
	let behind = steps[from - step + next]!;
	let across = steps[from + next]!;
	for (let i = from; i !== end; i += step) {
		const ahead = steps[i + step + next]!;
		const own = steps[i]!;
		// A neighbour on the other side of the edge is no farther than the step to it.
		if (own > 0) {
			const straight = Math.max(0, Math.min(beside, across)) + STRAIGHT;
			const diagonal = Math.max(0, Math.min(behind, ahead)) + DIAGONAL;
			beside = Math.min(own, straight, diagonal);
		} else {
			const straight = Math.min(0, Math.max(beside, across)) - STRAIGHT;
			const diagonal = Math.min(0, Math.max(behind, ahead)) - DIAGONAL;
			beside = Math.max(own, straight, diagonal);
		}
		steps[i] = beside;
		behind = across;
		across = ahead;
	}
}

/** Values of a grid, shrunk to another size by averaging. */
export function shrinkValues(cv: OpenCv, from: Size, values: Float32Array, to: Size): Float32Array {
	return scoped((keep) => {
		const large = keep(new cv.Mat(from.height, from.width, cv.CV_32F));
		large.data32F.set(values);
		const small = keep(new cv.Mat());
		cv.resize(large, small, new cv.Size(to.width, to.height), 0, 0, cv.INTER_AREA);
		return small.data32F.slice();
	});
}

/** The connected components (8 neighbours) of the pixels that are not 0. */
export interface Components {
	/** 0 for no component, else 1 to `areas.length - 1`. */
	readonly labels: Int32Array;
	/** Pixels of each; the first entry is the rest of the picture. */
	readonly areas: readonly number[];
}

export function components(cv: OpenCv, { width, height }: Size, data: Uint8Array): Components {
	return scoped((keep) => {
		const image = keep(matOf(cv, { width, height }, data));
		const [labels, stats, centroids] = [keep(new cv.Mat()), keep(new cv.Mat()), keep(new cv.Mat())];
		const count = cv.connectedComponentsWithStats(image, labels, stats, centroids, 8);
		// Statistics are rows of left, top, width, height, area.
		const areas = Array.from({ length: count }, (_, i) => stats.data32S[5 * i + 4]!);
		return { labels: labels.data32S.slice(), areas };
	});
}

/** Labels (0 or 1) widened by two pixels to every side; not 0 where they are set. */
export function thicken(cv: OpenCv, size: Size, labels: Uint8Array): Uint8Array {
	return scoped((keep) => {
		const image = keep(matOf(cv, size, labels));
		times255(image.data);
		const means = keep(new cv.Mat());
		cv.boxFilter(image, means, -1, new cv.Size(5, 5));
		return means.data.slice();
	});
}

/** Turns labels (0 or 1) into a mask. */
export function times255(labels: Uint8Array): void {
	for (let i = 0; i < labels.length; i++) labels[i]! *= 255;
}
