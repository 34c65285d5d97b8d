import type { Frame, Mask, Plane, Size } from '../frame.ts';

/** A colour of 0 to 255 at a place. */
export type Paint = (x: number, y: number) => readonly [number, number, number];

/** How much of the target there is at a place, 0 to 1. */
export type Cover = (x: number, y: number) => number;

/** Even noise of 0 to 1, the same for the same place and seed. */
export function noise(x: number, y: number, seed = 0): number {
	const s = Math.sin(x * 12.9898 + y * 78.233 + seed * 37.719) * 43758.5453;
	return s - Math.floor(s);
}

/** Grain of a few steps around a colour. */
export function grainy(colour: readonly [number, number, number], strength = 12, seed = 0): Paint {
	return (x, y) => {
		const grain = strength * (noise(Math.floor(x), Math.floor(y), seed) - 0.5);
		return [colour[0] + grain, colour[1] + grain, colour[2] + grain];
	};
}

/** A disc with an edge of `softness` pixels. */
export function disc(centreX: number, centreY: number, radius: number, softness = 1): Cover {
	return (x, y) => Math.min(1, Math.max(0, 0.5 + (radius - Math.hypot(x - centreX, y - centreY)) / softness));
}

/** Lays a target over a background; pixels are sampled at their middles. */
export function draw(
	size: Size,
	background: Paint,
	target: Paint,
	cover: Cover
): { frame: Frame; alpha: Plane } {
	const data = new Uint8ClampedArray(4 * size.width * size.height);
	const alpha = new Uint8ClampedArray(size.width * size.height);
	for (let y = 0, i = 0; y < size.height; y++) {
		for (let x = 0; x < size.width; x++, i++) {
			const a = cover(x + 0.5, y + 0.5);
			const front = target(x, y);
			const back = background(x, y);
			for (let k = 0; k < 3; k++) data[4 * i + k] = a * front[k]! + (1 - a) * back[k]!;
			data[4 * i + 3] = 255;
			alpha[i] = 255 * a;
		}
	}
	return { frame: { ...size, data }, alpha: { ...size, data: alpha } };
}

/** The mask of what is at least half the target. */
export function binary({ width, height, data }: Plane): Mask {
	return { width, height, data: Uint8Array.from(data, (value) => (value >= 128 ? 255 : 0)) };
}

/** Intersection over union of two masks; 1 when both are empty. */
export function overlap(a: Mask, b: Mask): number {
	let both = 0;
	let either = 0;
	for (let i = 0; i < a.data.length; i++) {
		const [inA, inB] = [a.data[i]! >= 128, b.data[i]! >= 128];
		if (inA && inB) both++;
		if (inA || inB) either++;
	}
	return either === 0 ? 1 : both / either;
}

/** Mean absolute difference of two planes, 0 to 255. */
export function difference(a: Plane, b: Plane): number {
	let sum = 0;
	for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
	return sum / a.data.length;
}

export async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
	yield* items;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}
