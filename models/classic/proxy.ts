import type { Mask, Size } from '../frame.ts';
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

/**
 * Distance of each pixel to the edge of the labels, in pixels, positive inside.
 * @param labels not 0 where the target is
 */
export function signedDistance(cv: OpenCv, { width, height }: Size, labels: Uint8Array): Float32Array {
	return scoped((keep) => {
		const inside = keep(new cv.Mat(height, width, cv.CV_8UC1));
		const outside = keep(new cv.Mat(height, width, cv.CV_8UC1));
		const [insideData, outsideData] = [inside.data, outside.data];
		for (let i = 0; i < labels.length; i++) {
			insideData[i] = labels[i] ? 255 : 0;
			outsideData[i] = labels[i] ? 0 : 255;
		}
		const toOutside = keep(new cv.Mat());
		const toInside = keep(new cv.Mat());
		cv.distanceTransform(inside, toOutside, cv.DIST_L2, 3);
		cv.distanceTransform(outside, toInside, cv.DIST_L2, 3);
		const distance = toOutside.data32F.slice();
		const away = toInside.data32F;
		for (let i = 0; i < distance.length; i++) if (!labels[i]) distance[i] = -away[i]!;
		return distance;
	});
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

/** Labels widened by two pixels to every side. */
export function thicken(cv: OpenCv, size: Size, labels: Uint8Array): Uint8Array {
	return scoped((keep) => {
		const image = keep(new cv.Mat(size.height, size.width, cv.CV_32F));
		image.data32F.set(labels);
		const sums = keep(new cv.Mat());
		cv.boxFilter(image, sums, -1, new cv.Size(5, 5));
		const result = new Uint8Array(labels.length);
		const data = sums.data32F;
		for (let i = 0; i < result.length; i++) result[i] = data[i]! > 0.01 ? 1 : 0;
		return result;
	});
}
