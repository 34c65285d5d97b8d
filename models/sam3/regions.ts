import type { Size } from '../frame.ts';

/** The pixels of a mask, one bit each, so that many can be compared quickly. */
export interface Region {
	readonly bits: Uint32Array;
	/** Number of pixels. */
	readonly area: number;
}

/**
 * The pixels above a threshold.
 * @param values logits (above 0 is the object) or a mask of 0 and anything positive
 */
export function regionOf(values: ArrayLike<number>, threshold = 0): Region {
	const bits = new Uint32Array(Math.ceil(values.length / 32));
	let area = 0;
	for (let i = 0; i < values.length; i++) {
		if (values[i]! > threshold) {
			bits[i >>> 5]! |= 1 << (i & 31);
			area++;
		}
	}
	return { bits, area };
}

/** Intersection over union of two regions of one size, 0 to 1; 0 where both are empty. */
export function iou(a: Region, b: Region): number {
	let common = 0;
	for (let i = 0; i < a.bits.length; i++) common += ones(a.bits[i]! & b.bits[i]!);
	return common / Math.max(a.area + b.area - common, 1);
}

/** The intersection over union of every row's region with every column's. */
export function pairwiseIou(rows: readonly Region[], columns: readonly Region[]): number[][] {
	return rows.map((row) => columns.map((column) => iou(row, column)));
}

/** The bits set in 32 (Warren, Hacker's Delight, 5-1). */
function ones(word: number): number {
	word -= (word >>> 1) & 0x55555555;
	word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
	word = (word + (word >>> 4)) & 0x0f0f0f0f;
	return Math.imul(word, 0x01010101) >>> 24;
}

/**
 * Non-maximum suppression by masks: of regions that overlap by more than the threshold, only the one of the highest score stays.
 * @returns the indices of those that stay, best score first
 */
export function suppressOverlaps(
	regions: readonly Region[],
	scores: ArrayLike<number>,
	iouThreshold: number
): number[] {
	const kept: number[] = [];
	const byScore = regions.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]!);
	for (const index of byScore) {
		if (kept.every((better) => iou(regions[better]!, regions[index]!) <= iouThreshold)) kept.push(index);
	}
	return kept;
}

/**
 * Gives every pixel to the mask that is surest of it: elsewhere the others fall to -10 (`_apply_non_overlapping_constraints` of
 * huggingface/transformers, models/sam3_video). Where logits are equal, the first mask wins.
 * @param masks logits of one size; left as they are
 */
export function withoutOverlaps(masks: readonly Float32Array[]): Float32Array[] {
	const own = masks.map((mask) => mask.slice());
	const pixels = masks[0]?.length ?? 0;
	for (let i = 0; i < pixels; i++) {
		let best = 0;
		for (let m = 1; m < masks.length; m++) if (masks[m]![i]! > masks[best]![i]!) best = m;
		for (let m = 0; m < masks.length; m++) if (m !== best && own[m]![i]! > -10) own[m]![i] = -10;
	}
	return own;
}

/** Pixels that hang together. */
export interface Components {
	/** For each pixel the number of its component from 1, 0 outside. */
	readonly labels: Int32Array;
	/** Pixels in each component, by its number; the first entry counts those outside. */
	readonly areas: readonly number[];
}

/**
 * Finds what hangs together, corners included (8-neighbours), in two passes over the pixels (Wu, Otoo and Suzuki, Optimizing two-pass
 * connected-component labeling algorithms, 2009).
 */
export function connectedComponents(inside: ArrayLike<number>, { width, height }: Size): Components {
	const labels = new Int32Array(width * height);
	// What each label of the first pass turned out to be the same as: itself, or a smaller one.
	const same = [0];
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			if (!inside[i]) continue;
			const above = y > 0 ? labels[i - width]! : 0;
			const left = x > 0 ? labels[i - 1]! : 0;
			const aboveLeft = y > 0 && x > 0 ? labels[i - width - 1]! : 0;
			const aboveRight = y > 0 && x + 1 < width ? labels[i - width + 1]! : 0;
			const label = above || left || aboveLeft || aboveRight || same.length;
			if (label === same.length) same.push(label);
			// Only here do two that have not met yet.
			if (!above && aboveRight && label !== aboveRight) join(same, label, aboveRight);
			labels[i] = label;
		}
	}
	const numbers = [0];
	const areas = [0];
	for (let label = 1; label < same.length; label++) {
		numbers[label] = same[label] === label ? areas.push(0) - 1 : numbers[same[label]!]!;
	}
	for (let i = 0; i < labels.length; i++) areas[(labels[i] = numbers[labels[i]!]!)]!++;
	return { labels, areas };
}

function join(same: number[], a: number, b: number): void {
	const [rootA, rootB] = [rootOf(same, a), rootOf(same, b)];
	same[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
}

function rootOf(same: number[], label: number): number {
	while (same[label] !== label) label = same[label] = same[same[label]!]!;
	return label;
}

/** What fills a hole and what takes a sprinkle away: barely inside, barely outside. */
const [FILLED, REMOVED] = [0.1, -0.1];

/**
 * Fills small holes of a mask and removes small sprinkles, by components of at most `maxArea` pixels; a sprinkle also has at most half of
 * the mask, so that tiny objects stay (`fill_holes_in_mask_scores` of facebookresearch/sam3 and huggingface/transformers, models/sam3_video).
 * @param logits left as they are
 */
export function fillHoles(logits: Float32Array, size: Size, maxArea: number): Float32Array {
	const filled = logits.slice();
	if (maxArea <= 0) return filled;
	const background = new Uint8Array(filled.length);
	for (let i = 0; i < filled.length; i++) background[i] = filled[i]! > 0 ? 0 : 1;
	const holes = connectedComponents(background, size);
	setComponents(filled, holes, maxArea, FILLED);

	const foreground = new Uint8Array(filled.length);
	for (let i = 0; i < filled.length; i++) foreground[i] = filled[i]! > 0 ? 1 : 0;
	const parts = connectedComponents(foreground, size);
	const area = filled.length - parts.areas[0]!;
	setComponents(filled, parts, Math.min(maxArea, Math.floor(area / 2)), REMOVED);
	return filled;
}

/** Gives a value to the pixels of all components up to an area. */
function setComponents(values: Float32Array, components: Components, maxArea: number, value: number): void {
	const { labels, areas } = components;
	for (let i = 0; i < values.length; i++) {
		if (labels[i] && areas[labels[i]!]! <= maxArea) values[i] = value;
	}
}

/**
 * The mask, 0 or 255, that logits give at another size: resized bilinearly, centres of pixels on centres (`align_corners=False`), without
 * antialiasing, then cut at the threshold.
 */
export function resizeToMask(logits: Float32Array, from: Size, to: Size, threshold = 0): Uint8Array {
	const mask = new Uint8Array(to.width * to.height);
	resizeRows(logits, from, to, (row, y) => {
		const start = y * to.width;
		for (let x = 0; x < row.length; x++) if (row[x]! > threshold) mask[start + x] = 255;
	});
	return mask;
}

/** Gives the rows of the resized picture one after the other, in one array that is used again. */
function resizeRows(
	logits: Float32Array,
	from: Size,
	to: Size,
	emit: (row: Float32Array, y: number) => void
): void {
	const columns = taps(from.width, to.width);
	const rows = taps(from.height, to.height);
	const widened = Array.from({ length: from.height }, (_, y) =>
		widen(logits.subarray(y * from.width, (y + 1) * from.width), columns)
	);
	const row = new Float32Array(to.width);
	for (let y = 0; y < to.height; y++) {
		const upper = widened[rows.first[y]!]!;
		const lower = widened[rows.second[y]!]!;
		const weight = rows.weight[y]!;
		for (let x = 0; x < row.length; x++) row[x] = upper[x]! + (lower[x]! - upper[x]!) * weight;
		emit(row, y);
	}
}

/** Which two samples each place lies between, and how near to the second. */
interface Taps {
	readonly first: Int32Array;
	readonly second: Int32Array;
	readonly weight: Float32Array;
}

function taps(from: number, to: number): Taps {
	const places = Float64Array.from({ length: to }, (_, i) => Math.max(((i + 0.5) * from) / to - 0.5, 0));
	const first = Int32Array.from(places, Math.floor);
	return {
		first,
		second: first.map((at) => Math.min(at + 1, from - 1)),
		weight: Float32Array.from(places, (place, i) => place - first[i]!)
	};
}

function widen(row: Float32Array, { first, second, weight }: Taps): Float32Array {
	const wide = new Float32Array(first.length);
	for (let x = 0; x < wide.length; x++) {
		const left = row[first[x]!]!;
		wide[x] = left + (row[second[x]!]! - left) * weight[x]!;
	}
	return wide;
}
