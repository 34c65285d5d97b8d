import { modelError } from '../errors.ts';
import { emptyPlane, type Frame, type Mask, type Size } from '../frame.ts';
import { requireSize } from '../mask.ts';
import type { TrackSeed } from '../segmenter.ts';
import { binsOf, ColourModel, logOdds } from './colour-model.ts';
import { graphCut, HARD, pairWeights } from './graph-cut.ts';
import { localVote, type Labelled } from './local-vote.ts';
import { matOf, scoped, type OpenCv, type Rect } from './opencv.ts';
import {
	bounds,
	components,
	fit,
	makeProxy,
	shrinkMask,
	signedDistance,
	thicken,
	widen,
	type Proxy
} from './proxy.ts';
import { refineLabels } from './refine.ts';

const PROXY_PIXELS = 40_000;
/** How far outside the carried mask the target may reach, in pixels of the proxy. */
const REACH = 12;
const PAIR_STRENGTH = 4;
/** How much of the memory of where the target was is left a frame later. */
const MEMORY = 0.93;

/** Follows one target from frame to frame. */
export class Tracker {
	private previous: { readonly frame: Frame; readonly mask: Mask };
	/** What is seen of the previous frame. */
	private before: Labelled;
	/** Where the target was of late, on the proxy: 255 now, less the longer ago. */
	private recent: Uint8Array;
	/** Pixels of the frame that the target has when nothing hides it. */
	private fullArea: number;
	private readonly seedOdds: Float32Array;
	private target: ColourModel;
	private rest: ColourModel;

	/** @throws CodedError `mask-empty`, `mask-size` */
	constructor(
		private readonly cv: OpenCv,
		seed: TrackSeed
	) {
		const { mask, frame } = seed;
		requireSize(mask, frame);
		const box = bounds(mask);
		if (!box) throw modelError('mask-empty');
		this.previous = seed;
		this.before = this.show(box);
		this.fullArea = areaOf(this.before);
		this.recent = this.before.mask;
		const bins = binsOf(this.before.proxy.lab);
		this.target = ColourModel.learn(bins, this.recent);
		this.rest = ColourModel.learn(bins, inverse(this.recent));
		this.seedOdds = logOdds(this.target, this.rest);
	}

	/** The target on the next frame. */
	next(frame: Frame): Mask {
		const mask = this.recent.some((value) => value >= 64) ? this.follow(frame) : this.search(frame);
		this.fullArea = Math.max(areaOf(this.before), 0.99 * this.fullArea);
		this.previous = { frame, mask };
		this.aim();
		return mask;
	}

	private follow(frame: Frame): Mask {
		return scoped((keep) => {
			const { before } = this;
			const { region } = before.proxy;
			const now = keep(matOf(this.cv, frame, frame.data));
			const proxy = makeProxy(this.cv, now, region, before.proxy);
			const flow = this.flow(proxy, before.proxy);
			const carried = carry(proxy, before.mask, flow);
			const recent = carry(proxy, this.recent, flow);
			const labels = this.label(proxy, before, flow, carried, recent);
			const mask = refineLabels(this.cv, now, region, proxy, labels);
			this.before = { proxy, mask: shrinkMask(this.cv, mask, region, proxy) };
			this.recent = remember(recent, labels);
			return mask;
		});
	}

	/** Moves or resizes the part of the frame that is looked at when the target comes close to its border or has become small in it. */
	private aim(): void {
		const { region } = this.before.proxy;
		const box = bounds(this.previous.mask, region);
		if (!box) return;
		const tight = widen(box, 0.4 * marginOf(box), this.previous.frame);
		const loose = widen(box, 2 * marginOf(box), this.previous.frame);
		if (contains(region, tight) && contains(loose, region)) return;
		const { proxy: old } = this.before;
		this.before = this.show(box);
		this.recent = regrid(this.recent, old, this.before.proxy);
	}

	/** The previous frame's target and what is around it. */
	private show(box: Rect): Labelled {
		const { frame, mask } = this.previous;
		const region = widen(box, marginOf(box), frame);
		return scoped((keep) => {
			const picture = keep(matOf(this.cv, frame, frame.data));
			const proxy = makeProxy(this.cv, picture, region, fit(region, PROXY_PIXELS));
			return { proxy, mask: shrinkMask(this.cv, mask, region, proxy) };
		});
	}

	/** Looks for a target that has been out of sight, by its first colours and its size. */
	private search(frame: Frame): Mask {
		return scoped((keep) => {
			const picture = keep(matOf(this.cv, frame, frame.data));
			const region = { x: 0, y: 0, width: frame.width, height: frame.height };
			const proxy = makeProxy(this.cv, picture, region, fit(region, PROXY_PIXELS));
			const bins = binsOf(proxy.lab);
			const unary = new Float32Array(bins.length);
			for (let i = 0; i < unary.length; i++) unary[i] = clamp(this.seedOdds[bins[i]!]!, 4) - 1;
			const labels = graphCut(proxy, unary, pairWeights(proxy, proxy.lab, PAIR_STRENGTH));
			const pieces = components(this.cv, proxy, labels);
			const largest = Math.max(...pieces.areas.slice(1), 0);
			const share = (largest * frame.width * frame.height) / (labels.length * this.fullArea);
			if (share < 0.25 || share > 2) return emptyPlane(frame);
			const found = pieces.areas.indexOf(largest, 1);
			for (let i = 0; i < labels.length; i++) labels[i] = pieces.labels[i] === found ? 1 : 0;
			const mask = refineLabels(this.cv, picture, region, proxy, labels);
			this.before = { proxy, mask: shrinkMask(this.cv, mask, region, proxy) };
			this.recent = this.before.mask;
			return mask;
		});
	}

	/** For each pixel, where it was before, as dx, dy. */
	private flow(now: Proxy, before: Proxy): Float32Array {
		return scoped((keep) => {
			const from = keep(matOf(this.cv, now, now.grey));
			const to = keep(matOf(this.cv, before, before.grey));
			const flow = keep(new this.cv.Mat());
			this.cv.calcOpticalFlowFarneback(from, to, flow, 0.5, 4, 13, 2, 5, 1.1, 0);
			return flow.data32F.slice();
		});
	}

	private label(
		proxy: Proxy,
		before: Labelled,
		flow: Float32Array,
		carried: Uint8Array,
		recent: Uint8Array
	): Uint8Array {
		const count = proxy.width * proxy.height;
		const distance = signedDistance({ ...proxy, data: carried }, 128);
		const ask = new Uint8Array(count);
		const bins = binsOf(proxy.lab);
		// What a hand or a post hid comes out beyond it, where only colours can tell.
		const scale = Math.sqrt(count / (proxy.region.width * proxy.region.height));
		const emerging = 0.7 * scale * Math.sqrt(this.fullArea);
		for (let i = 0; i < count; i++) {
			const d = distance[i]!;
			ask[i] = Number(d > -REACH || recent[i]! > 64 || (d > -emerging && this.seedOdds[bins[i]!]! > 2));
		}
		const votes = localVote(proxy, before, flow, ask);

		const odds = logOdds(this.target, this.rest);
		const unary = new Float32Array(count);
		for (let i = 0; i < count; i++) {
			if (!ask[i]) {
				unary[i] = -HARD;
				continue;
			}
			const shape = clamp(distance[i]! / 4, 1);
			unary[i] =
				clamp(votes[i]!, 2.5) +
				0.6 * clamp(odds[bins[i]!]!, 4) +
				0.6 * clamp(this.seedOdds[bins[i]!]!, 4) +
				shape;
		}
		const labels = graphCut(proxy, unary, pairWeights(proxy, proxy.lab, PAIR_STRENGTH));
		this.tidy(proxy, labels, recent, bins, scale * scale * this.fullArea);
		// What the seed's colours contradict is not learnt: a mistake must not teach itself.
		const isTarget = new Uint8Array(count);
		const isRest = new Uint8Array(count);
		for (let i = 0; i < count; i++) {
			if (labels[i]) isTarget[i] = Number(this.seedOdds[bins[i]!]! > -1);
			else isRest[i] = Number(this.seedOdds[bins[i]!]! < 1);
		}
		this.target = this.target.mix(ColourModel.learn(bins, isTarget), 0.05);
		this.rest = this.rest.mix(ColourModel.learn(bins, isRest), 0.1);
		return labels;
	}

	/**
	 * Drops pieces that the target's first colours do not speak for, or that were not part of it of late, unless something hid it and they
	 * are what was missing; fills small holes.
	 * @param full area of the whole target, in pixels of the proxy
	 */
	private tidy(size: Size, labels: Uint8Array, recent: Uint8Array, bins: Uint16Array, full: number): void {
		// A gap of a few pixels, such as a sock between trousers and shoe, does not part what belongs together.
		const pieces = components(this.cv, size, thicken(this.cv, size, labels));
		const areas = new Float64Array(pieces.areas.length);
		const known = new Float64Array(pieces.areas.length);
		const odds = new Float64Array(pieces.areas.length);
		for (let i = 0; i < labels.length; i++) {
			if (!labels[i]) continue;
			const piece = pieces.labels[i]!;
			areas[piece]!++;
			if (recent[i]! >= 64) known[piece]!++;
			odds[piece]! += clamp(this.seedOdds[bins[i]!]!, 4);
		}
		const order = pieces.areas.map((_, piece) => piece).slice(1);
		order.sort((a, b) => known[b]! - known[a]!);
		const kept = new Uint8Array(pieces.areas.length);
		let area = 0;
		for (const [rank, piece] of order.entries()) {
			const own = areas[piece]!;
			const isKnown = known[piece]! > 0.3 * own && (rank === 0 || odds[piece]! > own);
			const wasHidden = odds[piece]! > 2.5 * own && area + own < 1.1 * full;
			if (own < 0.01 * full || !(isKnown || wasHidden)) continue;
			kept[piece] = 1;
			area += own;
		}
		for (let i = 0; i < labels.length; i++) if (labels[i] && !kept[pieces.labels[i]!]) labels[i] = 0;
		const others = new Uint8Array(labels.length);
		for (let i = 0; i < labels.length; i++) others[i] = 1 - labels[i]!;
		const holes = components(this.cv, size, others);
		for (let i = 0; i < labels.length; i++) {
			if (!labels[i] && holes.areas[holes.labels[i]!]! < 0.004 * full) labels[i] = 1;
		}
	}
}

/** Pixels of the frame that belong to the target. */
function areaOf({ proxy: { region, width, height }, mask }: Labelled): number {
	let sum = 0;
	for (let i = 0; i < mask.length; i++) sum += mask[i]!;
	return ((sum / 255) * region.width * region.height) / (width * height);
}

function clamp(value: number, limit: number): number {
	return Math.max(-limit, Math.min(limit, value));
}

function inverse(mask: Uint8Array): Uint8Array {
	return mask.map((value) => 255 - value);
}

/** How much is shown around a target. */
function marginOf({ width, height }: Rect): number {
	return 24 + 0.2 * Math.max(width, height);
}

function contains(outer: Rect, inner: Rect): boolean {
	return (
		outer.x <= inner.x &&
		outer.y <= inner.y &&
		outer.x + outer.width >= inner.x + inner.width &&
		outer.y + outer.height >= inner.y + inner.height
	);
}

/** Values of one proxy's pixels at the places of another's; 0 where the first shows nothing. */
function regrid(values: Uint8Array, from: Proxy, to: Proxy): Uint8Array {
	const result = new Uint8Array(to.width * to.height);
	for (let y = 0, i = 0; y < to.height; y++) {
		const v = Math.floor(
			((to.region.y - from.region.y + ((y + 0.5) * to.region.height) / to.height) * from.height) /
				from.region.height
		);
		for (let x = 0; x < to.width; x++, i++) {
			const u = Math.floor(
				((to.region.x - from.region.x + ((x + 0.5) * to.region.width) / to.width) * from.width) /
					from.region.width
			);
			if (u >= 0 && v >= 0 && u < from.width && v < from.height) result[i] = values[v * from.width + u]!;
		}
	}
	return result;
}

/** What is left of the memory of where the target was, with where it is now. */
function remember(recent: Uint8Array, labels: Uint8Array): Uint8Array {
	const remembered = new Uint8Array(recent.length);
	for (let i = 0; i < recent.length; i++) remembered[i] = labels[i] ? 255 : MEMORY * recent[i]!;
	return remembered;
}

/** Moves a mask along the flow. */
function carry({ width, height }: Size, mask: Uint8Array, flow: Float32Array): Uint8Array {
	const carried = new Uint8Array(width * height);
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			const u = Math.min(width - 1, Math.max(0, Math.round(x + flow[2 * i]!)));
			const v = Math.min(height - 1, Math.max(0, Math.round(y + flow[2 * i + 1]!)));
			carried[i] = mask[v * width + u]!;
		}
	}
	return carried;
}
