import { checkPrompts } from '../check-prompts.ts';
import { modelError } from '../errors.ts';
import type { Frame, Mask } from '../frame.ts';
import { classicPrompts } from '../registry.ts';
import type { Candidate, EncodedFrame, Prompt, Segmenter, TrackSeed } from '../segmenter.ts';
import { binsOf, ColourModel, logOdds } from './colour-model.ts';
import { graphCut, HARD, pairWeights } from './graph-cut.ts';
import { localVote } from './local-vote.ts';
import { loadOpenCv, matOf, type Mat, type OpenCv, type Rect } from './opencv.ts';
import { bounds, fit, makeProxy, signedDistance, widen } from './proxy.ts';
import { refineLabels } from './refine.ts';
import { drawSeeds, extent } from './seeds.ts';
import { Tracker } from './tracker.ts';
import { cutWindow, keepSeeded, refusal, REFUSED, type Guess } from './window-cut.ts';

/** Pixels of the proxies on which guesses are made, and on which the best of them is worked out. */
const GUESS_PIXELS = 4_000;
const FINE_PIXELS = 32_000;

/** Windows tried around clicks and strokes, as shares of the frame's width and height; each is centred on them. */
const WINDOWS = [
	[0.08, 0.14],
	[0.16, 0.28],
	[0.3, 0.55],
	[0.22, 1.9],
	[0.5, 1.9],
	[0.9, 0.6]
] as const;

/** Opens the embedded segmenter: GrabCut from clicks, boxes and strokes, tracking by optical flow. Needs no weights. */
export async function createClassicSegmenter(): Promise<Segmenter> {
	return new ClassicSegmenter(await loadOpenCv());
}

/** Answers a click on a small picture, so that the code is compiled before the user's first click comes. */
async function warmUp(cv: OpenCv): Promise<void> {
	const size = { width: 64, height: 36 };
	const data = new Uint8Array(4 * size.width * size.height).map((_, i) => (i >> 7) & 127);
	const picture = new ClassicFrame(cv, { ...size, data });
	await picture.segment([{ kind: 'point', x: 32, y: 18, positive: true }]);
	picture.dispose();
}

class ClassicSegmenter implements Segmenter {
	readonly id = 'classic';
	readonly prompts = classicPrompts;
	private warm: Promise<void> | undefined;

	constructor(private readonly cv: OpenCv) {}

	async encode(frame: Frame, signal?: AbortSignal): Promise<EncodedFrame> {
		await (this.warm ??= warmUp(this.cv));
		signal?.throwIfAborted();
		return new ClassicFrame(this.cv, frame);
	}

	async *track(seed: TrackSeed, frames: AsyncIterable<Frame>, signal?: AbortSignal): AsyncIterable<Mask> {
		const tracker = new Tracker(this.cv, seed);
		for await (const frame of frames) {
			signal?.throwIfAborted();
			yield tracker.next(frame);
		}
	}

	async dispose(): Promise<void> {}
}

class ClassicFrame implements EncodedFrame {
	private readonly picture: Mat;

	constructor(
		private readonly cv: OpenCv,
		private readonly frame: Frame
	) {
		this.picture = matOf(cv, frame, frame.data);
	}

	async segment(prompts: readonly Prompt[], signal?: AbortSignal, known?: Mask): Promise<Candidate[]> {
		if (known) throw modelError('prompt-unknown', { kind: 'mask', segmenter: 'classic' });
		checkPrompts(prompts, this.frame);
		const marked = extent(prompts)!;
		const boxed = prompts.some((prompt) => prompt.kind === 'box');
		let best: Guess | undefined;
		for (const window of boxed ? [marked] : this.windows(marked)) {
			signal?.throwIfAborted();
			const guess = this.guess(window, prompts);
			if (!best || rank(guess) > rank(best)) best = guess;
		}
		signal?.throwIfAborted();
		const mask = this.workOut(best!, prompts);
		return [{ mask, score: Math.max(0, Math.min(1, best!.score)) }];
	}

	dispose(): void {
		this.picture.delete();
	}

	private windows(marked: Rect): Rect[] {
		return WINDOWS.map(([across, down]) => {
			const width = marked.width + across * this.frame.width;
			const height = marked.height + down * this.frame.height;
			return {
				x: marked.x + marked.width / 2 - width / 2,
				y: marked.y + marked.height / 2 - height / 2,
				width,
				height
			};
		});
	}

	private guess(window: Rect, prompts: readonly Prompt[]): Guess {
		const region = widen(
			window,
			0.3 * Math.min(this.frame.width, Math.max(window.width, window.height)),
			this.frame
		);
		const proxy = makeProxy(this.cv, this.picture, region, fit(region, GUESS_PIXELS));
		const scale = proxy.width / region.width;
		const seeds = drawSeeds(prompts, this.frame, region, proxy);
		const place = {
			x: (window.x - region.x) * scale,
			y: (window.y - region.y) * scale,
			width: window.width * scale,
			height: window.height * scale
		};
		return cutWindow(this.cv, proxy, place, seeds);
	}

	/** Works a guess out on a finer proxy, with colours compared to those near by, and then at full size. */
	private workOut(guess: Guess, prompts: readonly Prompt[]): Mask {
		const box = bounds({ ...guess.proxy, data: guess.labels.map((label) => 255 * label) });
		if (!box) return { ...this.frame, data: new Uint8Array(this.frame.width * this.frame.height) };
		const { region: from } = guess.proxy;
		const scale = from.width / guess.proxy.width;
		const region = widen(
			{
				x: from.x + box.x * scale,
				y: from.y + box.y * scale,
				width: box.width * scale,
				height: box.height * scale
			},
			8 * scale,
			this.frame
		);
		const proxy = makeProxy(this.cv, this.picture, region, fit(region, FINE_PIXELS));
		const seeds = drawSeeds(prompts, this.frame, region, proxy);
		const { width, height } = proxy;
		let labels = new Uint8Array(width * height);
		for (let y = 0, i = 0; y < height; y++) {
			const v = Math.floor((region.y + ((y + 0.5) * region.height) / height - from.y) / scale);
			for (let x = 0; x < width; x++, i++) {
				const u = Math.floor((region.x + ((x + 0.5) * region.width) / width - from.x) / scale);
				labels[i] =
					guess.labels[
						Math.min(guess.proxy.height - 1, v) * guess.proxy.width + Math.min(guess.proxy.width - 1, u)
					]!;
			}
		}
		const bins = binsOf(proxy.lab);
		const pairs = pairWeights(proxy, proxy.lab, 4);
		const still = new Float32Array(2 * width * height);
		const barred = seeds.rest.includes(1) ? refusal(proxy, seeds) : undefined;
		const reach = (4 * width) / (region.width / scale);
		for (let round = 0; round < 2; round++) {
			const distance = signedDistance({ width, height, data: labels }, 1);
			const ask = new Uint8Array(distance.length);
			for (let i = 0; i < ask.length; i++) ask[i] = distance[i]! > -reach ? 1 : 0;
			const votes = localVote(proxy, { proxy, mask: labels.map((label) => 255 * label) }, still, ask);
			const colour = logOdds(
				ColourModel.learn(bins, labels),
				ColourModel.learn(
					bins,
					labels.map((label) => 1 - label)
				)
			);
			const unary = new Float32Array(width * height);
			for (let i = 0; i < unary.length; i++) {
				const shape = Math.max(-1, Math.min(1, distance[i]! / reach));
				unary[i] =
					Math.max(-3, Math.min(3, votes[i]!)) + Math.max(-3, Math.min(3, colour[bins[i]!]!)) + shape;
				if (barred) unary[i]! -= REFUSED * barred[i]!;
				if (!ask[i] || seeds.rest[i]) unary[i] = -HARD;
				if (seeds.target[i]) unary[i] = HARD;
			}
			labels = keepSeeded(this.cv, proxy, graphCut(proxy, unary, pairs), seeds.target);
		}
		return refineLabels(this.cv, this.picture, region, proxy, labels);
	}
}

/** Of guesses with like outlines the larger is preferred: a person rather than a shirt. */
function rank({ proxy, labels, score }: Guess): number {
	const area = labels.reduce((sum, label) => sum + label, 0) * (proxy.region.width / proxy.width) ** 2;
	return score + 0.05 * Math.log2(1 + area);
}
