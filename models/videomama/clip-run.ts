import { CodedError, modelError } from '../errors.ts';
import { finish } from '../finish.ts';
import { emptyPlane, type Alpha, type Frame, type Mask } from '../frame.ts';
import { requireSize } from '../mask.ts';
import type { Matted, MatteOptions, MatterHooks, MatterInput, MatterStep } from '../matter.ts';
import { pasteAlpha } from './draw.ts';
import { networkMemory, type VideoMaMaSetup } from './estimate.ts';
import type { LoadedNetworks } from './loaded.ts';
import { matteWindow } from './loop.ts';
import type { VideoMaMaOptions } from './options.ts';
import { smallerPreset } from './presets.ts';
import { follow, surround, targetBox } from './region.ts';
import { readState, writeState, type LoopState } from './state.ts';
import { sameView, wholeView, type View } from './view.ts';
import { fadeShare, windowCount } from './windows.ts';

/** How much memory there is, in bytes, and how the networks compute in it. */
export interface MemoryLimit {
	readonly bytes: number;
	readonly setup: VideoMaMaSetup;
}

/** A frame that waits for its window, or for those that may change its alpha once more. */
interface Held<F extends Frame> {
	readonly index: number;
	readonly frame: F;
	readonly mask: Mask;
	/** As the windows so far have it. */
	alpha?: Alpha;
	/** The frame's latents in a view. */
	latents?: { readonly view: View; readonly data: Float32Array };
}

/** A clip on its way through the networks, window by window. The frames of one window are held at most. */
export class ClipRun<F extends Frame> {
	readonly #options: VideoMaMaOptions;
	/** What it works at, which becomes less where memory is short. */
	#working: LoopState['working'];
	#view: View | undefined;
	/** The size that the user knows of. */
	#toldSize: number;
	#held: Held<F>[] = [];
	/** How many frames came in. */
	#count = 0;
	/** Alphas of the first frames, from an earlier run. */
	readonly #carried: Alpha[];

	private constructor(
		private readonly networks: LoadedNetworks,
		private readonly options: MatteOptions & { readonly videomama: VideoMaMaOptions },
		private readonly hooks: MatterHooks,
		private readonly memory: MemoryLimit | undefined,
		state: LoopState | undefined
	) {
		this.#options = options.videomama;
		this.#working = state?.working ?? options.videomama;
		this.#view = state?.view;
		this.#toldSize = options.videomama.maxSize;
		this.#carried = [...(state?.alphas ?? [])];
	}

	/** Begins at the clip's start, or goes on from the hooks' checkpoint. */
	static async begin<F extends Frame>(
		networks: LoadedNetworks,
		options: MatteOptions & { readonly videomama: VideoMaMaOptions },
		hooks: MatterHooks,
		memory?: MemoryLimit
	): Promise<ClipRun<F>> {
		const state = hooks.from && (await readState(hooks.from.state));
		return new ClipRun(networks, options, hooks, memory, state);
	}

	/**
	 * Takes the next frame, and gives those that no later window changes.
	 * @throws CodedError `mask-missing`, `mask-size`, `out-of-memory`, `alpha-invalid`; the signal's reason when it was aborted
	 */
	async *take({ frame, mask, known }: MatterInput<F>): AsyncGenerator<Matted<F>> {
		const index = this.#count++;
		if (known) {
			yield { frame, alpha: known };
			return;
		}
		if (!mask) throw modelError('mask-missing', { frame: index });
		requireSize(mask, frame);
		yield* this.#hold({ index, frame, mask, alpha: this.#carried.shift() });
	}

	/** Gives all that is left. */
	async *end(): AsyncGenerator<Matted<F>> {
		while (this.#fresh > 0) yield* this.#matte();
		while (this.#held.length > 0) yield this.#release();
	}

	/** How many of the frames held have no alpha yet: the last ones. */
	get #fresh(): number {
		return this.#held.filter(({ alpha }) => !alpha).length;
	}

	/** A window is full once it has slid over so many new frames that it shares its overlap with the one before. */
	async *#hold(held: Held<F>): AsyncGenerator<Matted<F>> {
		const { window, overlap } = this.#working;
		if (this.#held.length === window) yield this.#release();
		this.#held.push(held);
		if (this.#held.length === window && this.#fresh >= window - overlap) yield* this.#matte();
	}

	#release(): Matted<F> {
		const { frame, alpha } = this.#held.shift()!;
		return { frame, alpha: finish(alpha!, this.options) };
	}

	/** Mattes the frames that are held; where memory is too short for that, in smaller windows. */
	async *#matte(): AsyncGenerator<Matted<F>> {
		const held = this.#held;
		try {
			await this.#keep();
			await this.#matteWindow(held);
			this.#tell();
		} catch (error) {
			this.#workSmaller(error);
			this.#held = [];
			for (const each of held) yield* this.#hold(each);
		}
	}

	/** Says where to go on if this window is interrupted. */
	async #keep(): Promise<void> {
		const alphas = this.#held.flatMap(({ alpha }) => alpha ?? []);
		if (alphas.length === 0 || !this.hooks.onCheckpoint) return;
		const state = await writeState({ working: this.#working, view: this.#view, alphas });
		await this.hooks.onCheckpoint({ frames: this.#held[0]!.index, state });
	}

	async #matteWindow(held: readonly Held<F>[]): Promise<void> {
		const overlap = held.length - this.#fresh;
		const alphas = await this.#alphas(held);
		for (const [i, each] of held.entries())
			each.alpha = i < overlap ? faded(each.alpha!, alphas[i]!, fadeShare(i, overlap)) : alphas[i]!;
	}

	/** What the networks see in the frames of a window, at the clip's size. */
	async #alphas(held: readonly Held<F>[]): Promise<Alpha[]> {
		if (held.every(({ mask, alpha }) => isEmpty(alpha ?? mask)))
			return held.map(({ frame }) => emptyPlane(frame));
		const view = this.#viewOf(held);
		const networks = await this.#networksFor(view, held.length);
		const { soft, seed } = this.#options;
		const { alphas, latents } = await matteWindow(
			networks,
			view,
			held.map(({ index, frame, mask, alpha, latents }) => ({
				...{ index, frame, mask: alpha ?? mask, soft: alpha ? true : soft },
				latents: latents && sameView(latents.view, view) ? latents.data : undefined
			})),
			seed,
			{ signal: this.hooks.signal, onStage: (stage, share) => this.#step(stage, share) }
		);
		this.#view = view;
		for (const [i, each] of held.entries()) each.latents = { view, data: latents[i]! };
		return held.map(({ frame }, i) => {
			const { width, height } = frame;
			return { width, height, data: pasteAlpha(alphas[i]!, view, frame) };
		});
	}

	#viewOf(held: readonly Held<F>[]): View {
		const { maxSize } = this.#working;
		const { frame } = held[0]!;
		const whole = wholeView(frame, maxSize);
		if (!this.#options.crop) return whole;
		const box = targetBox(held.flatMap(({ mask, alpha }) => (alpha ? [mask, alpha] : [mask])));
		if (!box) return this.#view ?? whole;
		return this.#view ? follow(this.#view, box, frame, maxSize) : surround(box, frame, maxSize);
	}

	#networksFor({ canvas }: View, frames: number) {
		const { memory } = this;
		if (memory && networkMemory(canvas, frames, memory.setup) > memory.bytes)
			throw modelError('out-of-memory');
		return this.networks.of(canvas, frames, this.hooks.signal);
	}

	#step(stage: MatterStep['stage'], share: number): void {
		const end = this.#held.at(-1)!.index + 1;
		const window = windowCount(end, this.#working);
		const windows = windowCount(Math.max(end, this.hooks.frames ?? 0), this.#working);
		this.hooks.onStep?.({ window, windows, stage, share: (window - 1 + share) / windows });
	}

	/** Answers a lack of memory by the largest preset that takes less, if that is allowed and there is one; throws any other error on. */
	#workSmaller(error: unknown): void {
		if (!(error instanceof CodedError && error.code === 'out-of-memory')) throw error;
		const { frame } = this.#held[0]!;
		const { setup, bytes } = this.memory ?? {};
		const preset = smallerPreset(this.#working, frame, setup, bytes);
		if (!preset || !this.#options.allowSmaller)
			throw modelError('out-of-memory', preset && { preset: preset.gigabytes }, { cause: error });
		this.#working = preset;
		this.#view = undefined;
	}

	/** Tells once that it works at a smaller size than it was asked to. */
	#tell(): void {
		if (this.#working.maxSize === this.#toldSize) return;
		this.#toldSize = this.#working.maxSize;
		const { frame } = this.#held[0]!;
		const { scale } = wholeView(frame, this.#toldSize);
		const params = { width: Math.round(frame.width / scale), height: Math.round(frame.height / scale) };
		this.hooks.onNotice?.({ code: 'worked-smaller', params });
	}
}

function isEmpty({ data }: Alpha): boolean {
	return !data.some((value) => value > 0);
}

/** Between two alphas: the second one's share is given. */
function faded(from: Alpha, to: Alpha, share: number): Alpha {
	const data = new Uint8Array(to.data.length);
	for (let i = 0; i < data.length; i++) data[i] = from.data[i]! * (1 - share) + to.data[i]! * share + 0.5;
	return { ...to, data };
}
