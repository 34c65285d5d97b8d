import type { RunLengthMask } from '$models/mask.ts';
import { CodedError } from '$models/errors.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import type { Asker, PromptedFrame } from '$workers/segment/client.ts';
import type {
	DetectAnswer,
	SegmentAnswer,
	SegmenterInfo,
	TrackedMasks,
	WorkerTrackRequest
} from '$workers/segment/types.ts';
import { abortable } from './abortable.ts';
import type { Segments } from './segments.ts';
import { WayOpener, type Opened, type WayOpenerParts } from './way-opener.svelte.ts';
import { expectedInfo, type SegmentationWish, type Way } from './ways.ts';

export type { SegmentationNotice, SegmentWorker } from './way-opener.svelte.ts';

export interface SegmentationParts extends WayOpenerParts {
	/** SHA-256 of the open clip, once the server has all of it; state, so that a change is seen. */
	readonly clip: () => string | undefined;
	/** Sends the open clip to the server again, which has lost it; from then on `clip` is undefined until it is there. */
	readonly sendClip: () => void;
}

/** How long things took; of the way that was open then, in milliseconds. */
interface Measured {
	readonly of: Opened;
	readonly encode?: number;
	readonly answer?: number;
}

/** An answer that takes longer than so many milliseconds is no preview. */
const HOVER = 150;
/** Where making a frame ready takes longer than QUICK, it is begun only when the user has stayed there for so long; milliseconds. */
const [QUICK, STAYS] = [100, 250];

/**
 * Who answers prompts: one for the whole page. It takes the best way that works, opened with the first question; when that fails, the
 * next one answers the same question, and the user is told.
 */
export class Segmentation implements Segments {
	readonly #opener: WayOpener;
	#measured = $state.raw<Measured>();

	readonly #chosen = $derived.by(() => this.#opener.current?.way ?? this.#opener.choice.next);
	readonly #waitsForClip = $derived.by(() => this.#chosen === 'server' && !this.parts.clip());

	/** Who answers now; before the first question, who will. */
	readonly way = $derived<Way>(this.#waitsForClip ? 'classic' : this.#chosen);
	/** For each way that is better than the one used, and for the one chosen, why it is not. */
	readonly reasons = $derived.by(() => this.#opener.choice.reasons(this.way, this.#waitsForClip));
	/** The segmenter that answers; in this browser, its setup is known once it is open. */
	readonly info = $derived.by((): SegmenterInfo => {
		const { current } = this.#opener;
		if (this.way === current?.way) return current.info;
		return this.way === 'classic' ? expectedInfo('classic') : expectedInfo('sam3', this.parts.kept());
	});
	readonly refines = $derived(this.info.refines);
	readonly concepts = $derived(this.info.concepts);
	readonly #times = $derived.by(() =>
		this.#measured?.of === this.#opener.current ? this.#measured : undefined
	);
	/** Milliseconds that making a frame ready takes in this browser; undefined while that is not known. */
	readonly encodeMilliseconds = $derived.by(
		() => this.#times?.encode ?? this.#opener.current?.info.encodeMilliseconds
	);
	/** Whether answers come fast enough for a preview on hover. */
	readonly hovers = $derived.by(() => {
		const usual = this.#times?.answer ?? (this.way === 'webgpu' ? 0 : Infinity);
		return this.way !== 'classic' && usual <= HOVER;
	});

	#prepared: readonly [frame: PromptedFrame, next?: PromptedFrame] | undefined;
	/** The newest question of each asker about each frame. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it
	readonly #newest = new Map<string, symbol>();

	constructor(private readonly parts: SegmentationParts) {
		this.#opener = new WayOpener(parts, () => {
			// What goes wrong is told with the next question.
			if (this.#prepared) this.prepare(...this.#prepared).catch(() => {});
		});
	}

	/** `opening`: questions wait until the way is ready. */
	get state(): 'idle' | 'opening' | 'ready' {
		return this.#opener.state;
	}

	/** What an answer has to wait for, where that takes long: until SAM 3 is open in this browser, or the frame ready. */
	get waitsFor(): 'opening' | 'frame' | undefined {
		if (this.state === 'opening' && (this.way === 'webgpu' || this.way === 'wasm')) return 'opening';
		return this.#opener.encoding ? 'frame' : undefined;
	}

	/** What the user chose. */
	get wish(): SegmentationWish {
		return this.#opener.choice.wish;
	}

	set wish(wish: SegmentationWish) {
		this.#opener.wish = wish;
	}

	/** Follows what this browser and the server have. @returns how to stop */
	start(): () => void {
		return this.#opener.start();
	}

	/** What `start` does whenever something changes. */
	look(): void {
		this.#opener.look();
	}

	segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		mask?: RunLengthMask,
		asker: Asker = 0
	): Promise<SegmentAnswer | undefined> {
		const key = asker === 'preview' ? asker : `${asker} ${frame.key}`;
		return this.#ask(frame, key, async (answers, opened) => {
			const start = performance.now();
			const before = this.encodeMilliseconds;
			const answer = await answers.segment(frame, prompts, mask, asker);
			this.#measure(opened, answers);
			// What had to wait for its frame says nothing of the next.
			if (answer && before === this.encodeMilliseconds)
				this.#measured = { ...this.#times, of: opened, answer: performance.now() - start };
			return answer;
		});
	}

	detect(frame: PromptedFrame, concept: Concept): Promise<DetectAnswer | undefined> {
		return this.#ask(frame, 'detect', (answers, opened) => {
			if (answers !== opened.answers) throw appError('clip-uploading');
			return answers.detect(frame, concept);
		});
	}

	async prepare(frame: PromptedFrame, next?: PromptedFrame): Promise<void> {
		const prepared = (this.#prepared = [frame, next] as const);
		if ((this.encodeMilliseconds ?? 0) > QUICK) await new Promise((resolve) => setTimeout(resolve, STAYS));
		if (this.#prepared !== prepared || this.#opener.closed) return;
		await this.#ask(frame, 'prepare', async (answers, opened) => {
			await answers.prepare(frame, next);
			this.#measure(opened, answers);
			return true;
		});
	}

	/**
	 * Follows targets through a clip in this browser: with SAM 3 where that answers here, else with the classic segmenter. What answers
	 * meanwhile stays as it is until then, but where it fails.
	 * @param onFrame called for each frame, in the order of `trackClip`
	 * @throws CodedError as `trackClip`, `clip-needs-server`, `gpu-lost`, `out-of-memory`, `engine-died`: after these it can be gone on with, in
	 * another way where this one is given up; the signal's reason
	 */
	async track(
		file: Blob,
		name: string,
		request: WorkerTrackRequest,
		onFrame: (index: number, masks: TrackedMasks) => void,
		signal: AbortSignal
	): Promise<void> {
		const opened = await abortable(this.#opener.ready(), signal);
		const { turn } = this.#opener;
		const worker = this.#opener.inBrowser(opened);
		const release = this.#opener.hold(worker);
		try {
			await worker.track(file, name, request, onFrame, signal);
		} catch (error) {
			if (!signal.aborted && worker === opened.answers) this.#opener.recover(opened, turn, error);
			throw error;
		} finally {
			release();
		}
	}

	close(): void {
		this.#opener.close();
	}

	/** Asks the way that is ready, then the next one where that fails; undefined where a newer question of the same key came. */
	async #ask<T>(
		frame: PromptedFrame,
		key: string,
		ask: (answers: Opened['answers'], opened: Opened) => Promise<T | undefined>
	): Promise<T | undefined> {
		const opener = this.#opener;
		const id = Symbol();
		this.#newest.set(key, id);
		const isNewest = () => this.#newest.get(key) === id;
		let isLost = false;
		try {
			for (;;) {
				const opened = await opener.ready();
				const { turn } = opener;
				const isThere = !isLost && frame.clip !== undefined && frame.clip === this.parts.clip();
				const answers = isThere ? opened.answers : opener.inBrowser(opened);
				try {
					const answer = await ask(answers, opened);
					// What waited when its way was given up is asked again.
					if (answer !== undefined || turn === opener.turn || !isNewest()) return answer;
				} catch (error) {
					if (answers !== opened.answers && turn === opener.turn) throw error;
					isLost = error instanceof CodedError && error.code === 'clip-missing';
					if (isLost && frame.clip === this.parts.clip()) this.parts.sendClip();
					if (!isLost && !opener.recover(opened, turn, error)) throw error;
					if (!isNewest()) return undefined;
					if (key === 'detect' && opener.choice.next === 'classic') throw error;
				}
			}
		} finally {
			if (isNewest()) this.#newest.delete(key);
		}
	}

	#measure(of: Opened, answers: Opened['answers']): void {
		if ('encodeMilliseconds' in answers)
			this.#measured = { ...this.#times, of, encode: answers.encodeMilliseconds };
	}
}
