import { modelError } from '../errors.ts';
import { requireFinite } from '../finite.ts';
import type { Alpha, Frame, Mask } from '../frame.ts';
import type { Canvas, Window } from './canvas.ts';
import { MatAnyoneLoop } from './loop.ts';
import type { LoadedNetworks } from './networks.ts';
import type { MatAnyoneOptions } from './options.ts';
import { follow, surround, targetBox } from './region.ts';

/** Runs the recurrence on what a window shows of a canvas: frames go in, and alphas come out, of the source's size. */
export class WindowedLoop {
	/** What the networks see; all of the canvas, or a window that follows the target. */
	#window: Window;
	#loop: MatAnyoneLoop | undefined;
	/** The window's pixels, drawn anew for every frame. */
	#rgb = new Uint8Array();
	/** The newest alpha in the window. */
	#values: Float32Array;

	/**
	 * @param seed the mask to begin with, of the source's size
	 * @throws CodedError `mask-empty`, `mask-full`: as it is on the canvas
	 */
	constructor(
		private readonly canvas: Canvas,
		private readonly seed: Mask,
		private readonly networks: LoadedNetworks,
		private readonly options: MatAnyoneOptions
	) {
		this.#window = canvas.all;
		this.#values = canvas.drawMask(seed, canvas.all);
		const marked = this.#values.reduce((count, value) => (value > 0 ? count + 1 : count), 0);
		if (marked === 0) throw modelError('mask-empty');
		if (marked === canvas.picture.width * canvas.picture.height) throw modelError('mask-full');
	}

	/**
	 * Predicts the keyframe.
	 * @throws CodedError `out-of-memory`, `alpha-invalid`; the signal's reason when it was aborted
	 */
	async begin(frame: Frame, signal?: AbortSignal): Promise<Alpha> {
		const { canvas, options } = this;
		const box = targetBox(this.#values, this.#window);
		if (options.crop && box) this.#window = surround(box, canvas);
		this.#loop = new MatAnyoneLoop(await this.networks.of(this.#window, signal), this.#window, options);
		const rgb = this.#draw(frame);
		for await (const values of this.#loop.begin(rgb, canvas.drawMask(this.seed, this.#window))) {
			signal?.throwIfAborted();
			this.#values = requireFinite(values);
		}
		// Where working smaller is allowed, it is better known now than after twenty frames that memory is short.
		if (options.allowSmaller) await this.#loop.rehearse(rgb);
		return canvas.alphaOf(this.#values, this.#window);
	}

	/**
	 * Predicts the next frame.
	 * @throws CodedError `out-of-memory`, `alpha-invalid`
	 */
	async next(frame: Frame): Promise<Alpha> {
		if (this.options.crop) await this.#follow();
		this.#values = requireFinite(await this.#loop!.next(this.#draw(frame)));
		return this.canvas.alphaOf(this.#values, this.#window);
	}

	dispose(): void {
		this.#loop?.dispose();
	}

	async #follow(): Promise<void> {
		const box = targetBox(this.#values, this.#window);
		const window = box ? follow(this.#window, box, this.canvas) : this.#window;
		if (window === this.#window) return;
		await this.#loop!.move(() => this.networks.of(window), this.#window, window);
		this.#window = window;
	}

	#draw(frame: Frame): Uint8Array {
		const bytes = 3 * this.#window.width * this.#window.height;
		if (this.#rgb.length !== bytes) this.#rgb = new Uint8Array(bytes);
		this.canvas.drawFrame(frame, this.#window, this.#rgb);
		return this.#rgb;
	}
}
