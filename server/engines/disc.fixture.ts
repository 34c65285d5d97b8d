import type { Mask } from '../../models/frame.ts';
import { makeClip } from '../media/fixtures.ts';

/** A red disc that moves to the right over green. */
export const discSize = { width: 96, height: 64 };
const RADIUS = 14;
/** Seconds between two frames. */
export const discPace = 0.04;

/** The disc's middle on a frame. */
export const discAt = (index: number) => ({ x: 30 + 8 * index, y: 32 });

function isDisc(pixel: number, index: number): boolean {
	const { x, y } = discAt(index);
	return Math.hypot((pixel % discSize.width) - x, Math.floor(pixel / discSize.width) - y) < RADIUS;
}

/** Writes the clip into a folder; returns its path. */
export function makeDiscClip(folder: string, frames: number): Promise<string> {
	const draw = (index: number) => {
		const data = new Uint8Array(4 * discSize.width * discSize.height);
		for (let i = 0; i < data.length / 4; i++) {
			data.set(isDisc(i, index) ? [220, 40, 40, 255] : [40, 90, 60, 255], 4 * i);
		}
		return { ...discSize, data };
	};
	const times = Array.from({ length: frames }, (_, index) => 1000 * discPace * index);
	return makeClip(folder, 'disc.mp4', { ...discSize, draw, times, timescale: 1000 });
}

/** The share of the pixels in which a mask agrees with the disc on a frame. */
export function agreement({ data }: Mask, index: number): number {
	return data.filter((value, pixel) => value > 0 === isDisc(pixel, index)).length / data.length;
}
