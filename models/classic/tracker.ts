import { modelError } from '../errors.ts';
import { emptyPlane, sameSize, type Frame, type Mask, type Size } from '../frame.ts';
import type { TrackSeed } from '../segmenter.ts';
import { binsOf, ColourModel, logOdds } from './colour-model.ts';
import { graphCut, HARD, pairWeights } from './graph-cut.ts';
import { localVote, type Labelled } from './local-vote.ts';
import { matOf, scoped, type Mat, type OpenCv, type Rect } from './opencv.ts';
import { bounds, components, fit, makeProxy, shrinkMask, signedDistance, widen, type Proxy } from './proxy.ts';
import { refineLabels } from './refine.ts';

const PROXY_PIXELS = 50_000;
/** How far outside the carried mask the target may reach, in pixels of the proxy. */
const REACH = 12;
const PAIR_STRENGTH = 4;

/** Follows one target from frame to frame. */
export class Tracker {
	private previous: { readonly frame: Frame; readonly mask: Mask };
	private readonly seedModel: ColourModel;
	private model: ColourModel;

	/** @throws CodedError `mask-empty`, `mask-size` */
	constructor(
		private readonly cv: OpenCv,
		seed: TrackSeed
	) {
		this.previous = seed;
		const { mask, frame } = seed;
		if (!sameSize(mask, frame)) {
			throw modelError('mask-size', {
				maskWidth: mask.width,
				maskHeight: mask.height,
				width: frame.width,
				height: frame.height
			});
		}
		const box = bounds(mask);
		if (!box) throw modelError('mask-empty');
		const { proxy, mask: shrunk } = scoped((keep) => this.show(keep(matOf(cv, frame, frame.data)), this.view(box), mask));
		this.seedModel = ColourModel.learn(binsOf(proxy.lab), shrunk);
		this.model = this.seedModel;
	}

	/** The target on the next frame. */
	next(frame: Frame): Mask {
		const box = bounds(this.previous.mask);
		if (!box) return emptyPlane(frame);
		return scoped((keep) => {
			const region = this.view(box);
			const now = keep(matOf(this.cv, frame, frame.data));
			const then = keep(matOf(this.cv, frame, this.previous.frame.data));
			const before = this.show(then, region, this.previous.mask);
			const proxy = makeProxy(this.cv, now, region, before.proxy);
			const flow = this.flow(proxy, before.proxy);
			const carried = carry(proxy, before.mask, flow);
			const labels = this.label(proxy, before, flow, carried);
			const mask = refineLabels(this.cv, now, region, proxy, labels);
			this.previous = { frame, mask };
			return mask;
		});
	}

	/** The part of the frame that is looked at: the target and what is around it. */
	private view(box: Rect): Rect {
		return widen(box, 24 + 0.2 * Math.max(box.width, box.height), this.previous.frame);
	}

	private show(frame: Mat, region: Rect, mask: Mask): Labelled {
		const proxy = makeProxy(this.cv, frame, region, fit(region, PROXY_PIXELS));
		return { proxy, mask: shrinkMask(this.cv, mask, region, proxy) };
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

	private label(proxy: Proxy, before: Labelled, flow: Float32Array, carried: Uint8Array): Uint8Array {
		const count = proxy.width * proxy.height;
		const distance = signedDistance(this.cv, proxy, carried.map((value) => (value >= 128 ? 1 : 0)));
		const ask = new Uint8Array(count);
		for (let i = 0; i < count; i++) ask[i] = distance[i]! > -REACH ? 1 : 0;
		const votes = localVote(proxy, before, flow, ask);

		const known = binsOf(before.proxy.lab);
		const background = ColourModel.learn(known, before.mask.map((value) => 255 - value));
		const colour = logOdds(this.model.mix(this.seedModel, 0.5), background);
		const bins = binsOf(proxy.lab);
		const unary = new Float32Array(count);
		for (let i = 0; i < count; i++) {
			if (!ask[i]) {
				unary[i] = -HARD;
				continue;
			}
			const shape = clamp(distance[i]! / 4, 1) * 1.5;
			unary[i] = clamp(votes[i]!, 4) + 0.5 * clamp(colour[bins[i]!]!, 3) + shape;
		}
		const labels = graphCut(proxy, unary, pairWeights(proxy, proxy.lab, PAIR_STRENGTH));
		this.tidy(proxy, labels, carried);
		this.model = this.model.mix(ColourModel.learn(bins, labels), 0.05);
		return labels;
	}

	/** Drops pieces that the carried mask does not know, and fills small holes. */
	private tidy(size: Size, labels: Uint8Array, carried: Uint8Array): void {
		const pieces = components(this.cv, size, labels);
		const known = new Float64Array(pieces.areas.length);
		for (let i = 0; i < labels.length; i++) if (carried[i]! >= 128) known[pieces.labels[i]!]!++;
		const largest = Math.max(...pieces.areas.slice(1), 0);
		for (let i = 0; i < labels.length; i++) {
			const piece = pieces.labels[i]!;
			if (piece && (known[piece]! < 0.3 * pieces.areas[piece]! || pieces.areas[piece]! < 0.01 * largest)) labels[i] = 0;
		}
		const holes = components(this.cv, size, labels.map((label) => 1 - label));
		for (let i = 0; i < labels.length; i++) {
			const hole = holes.labels[i]!;
			if (hole && holes.areas[hole]! < 0.004 * largest) labels[i] = 1;
		}
	}
}

function clamp(value: number, limit: number): number {
	return Math.max(-limit, Math.min(limit, value));
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
