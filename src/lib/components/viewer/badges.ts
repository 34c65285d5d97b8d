import type { Box } from '$models/segmenter.ts';

/** A thing on the picture that gets a badge; its box in CSS pixels of the viewer. */
export interface Badged {
	readonly target: number;
	readonly box: Box;
	/** Its badge tells how sure it is, too. */
	readonly scored: boolean;
}

/** Where a badge's top left corner is, in CSS pixels of the viewer. */
export interface Place {
	readonly target: number;
	readonly x: number;
	readonly y: number;
	/** It tells the number only. */
	readonly short: boolean;
}

export const badge = { height: 18, width: 58, shortWidth: 24 };
const gap = 4;

/**
 * Finds each thing a place for its badge that covers neither another badge nor, where possible, the thing: above it, below it, else
 * inside its top. Where there is no room for all of it, its number alone is tried. The first ones choose first.
 * @param bounds of the viewer, in CSS pixels
 */
export function placeBadges(
	things: readonly Badged[],
	bounds: { readonly width: number; readonly height: number }
): Place[] {
	const taken: Box[] = [];
	return things.flatMap(({ target, box, scored }): Place[] => {
		const tries = (scored ? [false, true] : [true]).flatMap((short) => {
			const width = short ? badge.shortWidth : badge.width;
			const x = box.x + (box.width - width) / 2;
			const below = box.y + box.height + gap;
			const tops = [box.y - badge.height - gap, below, box.y + gap];
			return tops.map((y) => ({ short, box: { x, y, width, height: badge.height } }));
		});
		const free = tries.find(
			(it) => isInside(it.box, bounds) && !taken.some((other) => overlap(it.box, other))
		);
		if (!free) return [];
		taken.push(free.box);
		return [{ target, x: Math.round(free.box.x), y: Math.round(free.box.y), short: free.short }];
	});
}

function isInside({ x, y, width, height }: Box, bounds: { width: number; height: number }): boolean {
	return x >= 0 && y >= 0 && x + width <= bounds.width && y + height <= bounds.height;
}

function overlap(a: Box, b: Box): boolean {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
