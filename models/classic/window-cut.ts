import type { Size } from '../frame.ts';
import { binsOf, ColourModel } from './colour-model.ts';
import { geodesicDistance } from './geodesic.ts';
import { graphCut, HARD, pairWeights } from './graph-cut.ts';
import { components, type Proxy } from './proxy.ts';
import type { OpenCv, Rect } from './opencv.ts';
import type { Seeds } from './seeds.ts';

/** A guess at the target: labels of a proxy and how much they look like a whole thing. */
export interface Guess {
	readonly proxy: Proxy;
	readonly labels: Uint8Array;
	/** Share of the outline that lies on edges of the picture, less the share that the window cut off; up to 1. */
	readonly score: number;
}

const ROUNDS = 3;
const PAIR_STRENGTH = 3;
/** A colour seen in neither model rather belongs to the target: what surrounds a thing is seen around it, too. */
const NOVEL = 6e-4;
const FLOOR = 3e-4;
/** Geodesic distance over which a seed speaks for the pixels around it. */
const SEED_REACH = 25;
/** Weight of a refusal against the colours' log odds, which reach 4, and the pull of the target's own marks. */
export const REFUSED = 8;
const SURE = 0.7;

/**
 * GrabCut (Rother et al. 2004) with colour histograms: the target is sought inside a window, what is around the window is the
 * background; colour models and labels are found in turn.
 * @param window in pixels of the proxy
 */
export function cutWindow(cv: OpenCv, proxy: Proxy, window: Rect, seeds: Seeds): Guess {
	const { width, height } = proxy;
	const count = width * height;
	const bins = binsOf(proxy.lab);
	const pairs = pairWeights(proxy, proxy.lab, PAIR_STRENGTH);
	const { inside, surrounding } = drawWindow(proxy, window);
	const seeded = seeds.target.includes(1);
	const near = seeded ? closeness(proxy, seeds.target) : centred(proxy, window);
	const barred = seeds.rest.includes(1) ? refusal(proxy, seeds) : undefined;

	const target = new Float32Array(count);
	const rest = new Float32Array(count);
	const unary = new Float32Array(count);
	let labels = new Uint8Array(count);
	for (let round = 0; round < ROUNDS; round++) {
		for (let i = 0; i < count; i++) {
			// The background's colours are learnt from what is surely refused only: the rest may look like the target.
			const against = barred && barred[i]! > SURE ? 4 * barred[i]! : 0;
			target[i] = !inside[i] ? 0 : round === 0 ? near[i]! : labels[i]!;
			rest[i] = against + (inside[i] ? (round === 0 ? 0 : 1 - labels[i]!) : surrounding[i]!);
		}
		const targetModel = ColourModel.learn(bins, target).density;
		const restModel = ColourModel.learn(bins, rest).density;
		for (let i = 0; i < count; i++) {
			const bin = bins[i]!;
			const odds = Math.log((0.8 * targetModel[bin]! + NOVEL) / (restModel[bin]! + FLOOR));
			const spoken = (seeded ? 2 * near[i]! : 0) - (barred ? REFUSED * barred[i]! : 0);
			unary[i] = Math.max(-4, Math.min(4, odds)) + spoken;
			if (!inside[i] || seeds.rest[i]) unary[i] = -HARD;
			if (seeds.target[i]) unary[i] = HARD;
		}
		labels = keepSeeded(cv, proxy, graphCut(proxy, unary, pairs), seeds.target);
	}
	return { proxy, labels, score: outlineScore(proxy, labels, inside, pairs) };
}

/** How near each pixel is to the seeds, 1 to 0. */
function closeness(proxy: Proxy, seeds: Uint8Array): Float32Array {
	return geodesicDistance(proxy, proxy.lab, seeds, 0.5).map((distance) => Math.exp(-distance / SEED_REACH));
}

/**
 * How much the marks that say "not this" speak for each pixel, 0 to 1: the pixels close to them, and those to which the way from them is
 * shorter than the way from the marks on the target, so that a click on a part takes the whole part away.
 */
export function refusal(proxy: Proxy, seeds: Seeds): Float32Array {
	const from = geodesicDistance(proxy, proxy.lab, seeds.rest, 0.5);
	const other = seeds.target.includes(1) ? geodesicDistance(proxy, proxy.lab, seeds.target, 0.5) : undefined;
	return from.map((distance, i) => {
		const close = Math.exp(-distance / SEED_REACH);
		return other ? Math.max(close, (other[i]! - distance) / (other[i]! + distance + 1)) : close;
	});
}

/** Keeps the pieces that hold a seed; without seeds, those that are not small beside the largest. */
export function keepSeeded(
	cv: OpenCv,
	size: Size,
	labels: Uint8Array,
	seeds: Uint8Array
): Uint8Array<ArrayBuffer> {
	const pieces = components(cv, size, labels);
	const wanted = new Set<number>();
	for (let i = 0; i < seeds.length; i++) if (seeds[i] && pieces.labels[i]) wanted.add(pieces.labels[i]!);
	if (wanted.size === 0) {
		const largest = Math.max(...pieces.areas.slice(1));
		for (const [piece, area] of pieces.areas.entries()) if (piece && area >= 0.1 * largest) wanted.add(piece);
	}
	const kept = pieces.areas.map((_, piece) => Number(wanted.has(piece)));
	const result = new Uint8Array(labels.length);
	for (let i = 0; i < result.length; i++) result[i] = kept[pieces.labels[i]!]!;
	return result;
}

/** Which pixels lie in the window (the proxy's border never does), and how much those around it count as background. */
function drawWindow(
	{ width, height }: Size,
	window: Rect
): { inside: Uint8Array; surrounding: Float32Array } {
	const inside = new Uint8Array(width * height);
	const surrounding = new Float32Array(width * height);
	const reach = 0.25 * Math.max(window.width, window.height);
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			const dx = Math.max(window.x - x, x + 1 - window.x - window.width, 0);
			const dy = Math.max(window.y - y, y + 1 - window.y - window.height, 0);
			if (dx === 0 && dy === 0) inside[i] = 1;
			else surrounding[i] = Math.exp(-Math.hypot(dx, dy) / reach);
		}
	}
	return { inside, surrounding };
}

/** 1 in the middle of the window, falling to its sides. */
function centred({ width, height }: Size, window: Rect): Float32Array {
	const weights = new Float32Array(width * height);
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			const u = (x + 0.5 - window.x) / window.width - 0.5;
			const v = (y + 0.5 - window.y) / window.height - 0.5;
			weights[i] = Math.exp(-(u * u + v * v) / (2 * 0.25 * 0.25));
		}
	}
	return weights;
}

function outlineScore(
	{ width, height }: Size,
	labels: Uint8Array,
	inside: Uint8Array,
	pairs: Float32Array
): number {
	const count = width * height;
	let length = 0;
	let onEdges = 0;
	let cutOff = 0;
	const look = (i: number, j: number, weight: number) => {
		if (labels[i] === labels[j]) return;
		length++;
		onEdges += 1 - weight / PAIR_STRENGTH;
		if (!inside[i] || !inside[j]) cutOff++;
	};
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			if (x < width - 1) look(i, i + 1, pairs[i]!);
			if (y < height - 1) look(i, i + width, pairs[2 * count + i]!);
		}
	}
	return length === 0 ? 0 : (onEdges - cutOff) / length;
}
