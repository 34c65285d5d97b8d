import type { Alpha, Frame, Size } from '../../models/frame.ts';
import { Canvas, type View } from './canvas.ts';
import { hash } from './noise.ts';
import type { Point } from './shapes.ts';

/** Frames a second of every scene. */
export const frameRate = 24;

/** Where the camera looks on the backdrop: the scene unit at the middle of the picture, and its magnification (1 to 1.4). */
export interface Camera {
	readonly x: number;
	readonly y: number;
	readonly zoom: number;
}

/** A clip described by drawing: a target in front of a backdrop. Lengths are in scene units (see `Point`), time in seconds. */
export interface Scene {
	readonly id: string;
	/** A point well inside the target on the first frame. */
	readonly click: Point;
	/** Draws what lies behind the target, once for a clip. It must cover all that the camera ever sees. */
	backdrop(canvas: Canvas): void;
	/** Draws the target at a time. */
	draw(canvas: Canvas, time: number): void;
	/** Where the camera looks at a time; without it, straight and still. */
	camera?(time: number): Camera;
	/** How much of a frame's time the shutter is open, 0 to 1, and into how many moments that time is divided. */
	readonly shutter?: { readonly open: number; readonly moments: number };
	/** Standard deviation of the sensor's noise, in steps of 1/255. */
	readonly grain: number;
}

/** One frame of a clip, taken apart. `composite = foreground * alpha + background * (1 - alpha)`, within half a step of 1/255. */
export interface Rendered {
	readonly composite: Frame;
	readonly alpha: Alpha;
	/** The target's own colour, straight, its fourth byte the alpha; zero where alpha is. */
	readonly foreground: Frame;
	readonly background: Frame;
}

/** A scene at a size. Frames can be asked for in any order; each is a fresh copy. */
export interface Clip extends Size {
	frame(index: number): Rendered;
}

/** Samples a pixel has along each side for the target in one moment, and for the backdrop. */
const grids = { still: 4, moving: 3, backdrop: 2 };
/** How far the backdrop of a moving camera reaches beyond the picture, as a part of its size. */
const margin = 0.25;

/** Where a scene should be clicked, in pixels of a size. */
export function clickPoint(scene: Scene, { width, height }: Size): { x: number; y: number } {
	return {
		x: Math.round(scene.click[0] * height + width / 2),
		y: Math.round(scene.click[1] * height)
	};
}

/**
 * Prepares a scene for rendering at a size. The same scene, size and index always give the same bytes. Coverage is averaged, and the
 * target is laid over the backdrop, in 8-bit sRGB values as they are (not in linear light), as video editors do by default.
 */
export function openScene(scene: Scene, size: Size): Clip {
	const { width, height } = size;
	const { open, moments } = scene.shutter ?? { open: 0, moments: 1 };
	const view: View = { left: -width / height / 2, top: 0, scale: height, width, height };
	const canvas = new Canvas(view, moments > 1 ? grids.moving : grids.still);
	const backdrop = paintBackdrop(scene, view);

	return {
		width,
		height,
		frame(index) {
			const sums = new Float32Array(width * height * 4);
			for (let moment = 0; moment < moments; moment++) {
				const time = (index + open * ((moment + 0.5) / moments - 0.5)) / frameRate;
				if (moments > 1) canvas.jitter(hash(moment, 1, 0) - 0.5, hash(moment, 2, 0) - 0.5);
				scene.draw(canvas, time);
				canvas.collect(sums);
			}
			const background = backdrop.look(scene.camera?.(index / frameRate));
			return compose(sums, moments, background, size, scene.grain, index);
		}
	};
}

/** Lays the target over the background, both with their grain. */
function compose(
	sums: Float32Array,
	moments: number,
	background: Uint8ClampedArray,
	size: Size,
	grain: number,
	index: number
): Rendered {
	const pixels = size.width * size.height;
	const alpha = new Uint8Array(pixels);
	const foreground = new Uint8ClampedArray(pixels * 4);
	const composite = new Uint8ClampedArray(pixels * 4);
	for (let pixel = 0; pixel < pixels; pixel++) {
		const i = pixel * 4;
		const cover = sums[i + 3]!;
		const a = Math.round(cover / moments);
		const targetGrain = grain * gaussian(pixel, index * 2);
		const backGrain = grain * gaussian(pixel, index * 2 + 1);
		alpha[pixel] = a;
		for (let c = 0; c < 3; c++) {
			background[i + c] = background[i + c]! + backGrain;
			if (a > 0) foreground[i + c] = (sums[i + c]! / cover) * 255 + targetGrain;
			composite[i + c] = (foreground[i + c]! * a + background[i + c]! * (255 - a)) / 255;
		}
		foreground[i + 3] = a;
		composite[i + 3] = 255;
	}
	return {
		composite: { ...size, data: composite },
		alpha: { ...size, data: alpha },
		foreground: { ...size, data: foreground },
		background: { ...size, data: background }
	};
}

/** About normally distributed, with a deviation of 1: the sum of three even ones. */
function gaussian(pixel: number, seed: number): number {
	return 2 * (hash(pixel, 0, seed) + hash(pixel, 1, seed) + hash(pixel, 2, seed) - 1.5);
}

/** The backdrop, painted once; `look` gives what a camera sees of it, as opaque RGBA. */
function paintBackdrop(
	scene: Scene,
	view: View
): { look(camera: Camera | undefined): Uint8ClampedArray<ArrayBuffer> } {
	const { width, height, scale } = view;
	const extra = scene.camera ? [Math.ceil(width * margin), Math.ceil(height * margin)] : [0, 0];
	const [extraX, extraY] = extra as [number, number];
	const wide: View = {
		left: view.left - extraX / scale,
		top: view.top - extraY / scale,
		scale,
		width: width + 2 * extraX,
		height: height + 2 * extraY
	};
	const canvas = new Canvas(wide, grids.backdrop);
	const picture = new Float32Array(wide.width * wide.height * 4);
	scene.backdrop(canvas);
	canvas.collect(picture);

	return {
		look(camera = { x: 0, y: 0.5, zoom: 1 }) {
			const seen = new Uint8ClampedArray(width * height * 4);
			for (let y = 0; y < height; y++) {
				const v = ((y + 0.5 - height / 2) / scale / camera.zoom + camera.y - wide.top) * scale - 0.5;
				for (let x = 0; x < width; x++) {
					const u = ((x + 0.5 - width / 2) / scale / camera.zoom + camera.x - wide.left) * scale - 0.5;
					bilinear(picture, wide, u, v, seen, (y * width + x) * 4);
				}
			}
			return seen;
		}
	};
}

function bilinear(
	picture: Float32Array,
	{ width, height }: Size,
	u: number,
	v: number,
	into: Uint8ClampedArray,
	at: number
): void {
	const x = Math.min(width - 2, Math.max(0, Math.floor(u)));
	const y = Math.min(height - 2, Math.max(0, Math.floor(v)));
	const p = u - x;
	const q = v - y;
	const i = (y * width + x) * 4;
	const below = i + width * 4;
	for (let c = 0; c < 4; c++) {
		const top = picture[i + c]! * (1 - p) + picture[i + 4 + c]! * p;
		const bottom = picture[below + c]! * (1 - p) + picture[below + 4 + c]! * p;
		into[at + c] = top * (1 - q) + bottom * q;
	}
}
