import { untrack } from 'svelte';
import type { Api } from '$lib/api/client.ts';
import type { RunLengthMask } from '$models/mask.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import {
	SegmentClient,
	type Asker,
	type PromptedFrame,
	type SegmentClientOptions
} from '$workers/segment/client.ts';
import type {
	DetectAnswer,
	OpenStage,
	SegmentAnswer,
	SegmenterInfo,
	TrackedMasks,
	WorkerTrackRequest
} from '$workers/segment/types.ts';
import { abortable } from './abortable.ts';
import type { Segments } from './segments.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { ServerSegments } from './server-segments.ts';
import { WayChoice, type WayChoiceParts } from './way-choice.svelte.ts';
import {
	expectedInfo,
	sam3Of,
	wayFailure,
	type SegmentationWish,
	type Way,
	type WayProblem,
	type WayReason
} from './ways.ts';

/** What the user is told when a question is answered in another way than it began. */
export type SegmentationNotice =
	/** The graphics card stopped, and is tried once more. */
	| { readonly code: 'gpu-again' }
	/** Memory was short; it goes on at a smaller input size. */
	| { readonly code: 'smaller'; readonly size: number }
	/** It goes on in another way. */
	| { readonly code: 'next-way'; readonly failed: WayReason; readonly way: Way };

/** What is used of `SegmentClient`. */
export type SegmentWorker = Pick<
	SegmentClient,
	'info' | 'segment' | 'detect' | 'prepare' | 'track' | 'close' | 'encodeMilliseconds'
>;

export interface SegmentationParts extends WayChoiceParts {
	readonly api: Pick<Api, 'segment' | 'clip'>;
	readonly connection: Pick<ServerConnection, 'health' | 'status' | 'suspect'>;
	/** SHA-256 of the open clip, once the server has all of it; state, so that a change is seen. */
	readonly clip: () => string | undefined;
	/** Resolves when it is known what this browser keeps. */
	readonly known?: () => Promise<void>;
	readonly tell: (notice: SegmentationNotice) => void;
	readonly start?: (options: SegmentClientOptions) => SegmentWorker;
}

/** A way that is ready. */
interface Opened {
	readonly way: Way;
	readonly info: SegmenterInfo;
	readonly answers: SegmentWorker | ServerSegments;
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
	/** `opening`: questions wait until the way is ready. */
	state = $state<'idle' | 'opening' | 'ready'>('idle');
	/** What opening is at. */
	stage = $state<OpenStage>();
	/** Milliseconds that making a frame ready takes in this browser; undefined while that is not known. */
	encodeMilliseconds = $state<number>();
	#answerMilliseconds = $state<number>();
	#current = $state.raw<Opened>();

	readonly #choice: WayChoice;
	readonly #chosen = $derived.by(() => this.#current?.way ?? this.#choice.next);
	readonly #waitsForClip = $derived.by(() => this.#chosen === 'server' && !this.parts.clip());

	/** Who answers now; before the first question, who will. */
	readonly way = $derived<Way>(this.#waitsForClip ? 'classic' : this.#chosen);
	/** For each way that is better than the one used, and for the one chosen, why it is not. */
	readonly reasons = $derived.by(() => this.#choice.reasons(this.way, this.#waitsForClip));
	/** The segmenter that answers; in this browser, its setup is known once it is open. */
	readonly info = $derived.by((): SegmenterInfo => {
		if (this.way === this.#current?.way) return this.#current.info;
		return this.way === 'classic' ? expectedInfo('classic') : expectedInfo('sam3', this.parts.kept());
	});
	readonly refines = $derived(this.info.refines);
	readonly concepts = $derived(this.info.concepts);
	/** Whether answers come fast enough for a preview on hover. */
	readonly hovers = $derived.by(() => {
		const usual = this.#answerMilliseconds ?? (this.way === 'webgpu' ? 0 : Infinity);
		return this.way !== 'classic' && usual <= HOVER;
	});

	#opening: Promise<Opened> | undefined;
	/** The worker in which SAM 3 is being opened. */
	#starting: SegmentWorker | undefined;
	/** The classic segmenter, while the server still waits for the clip. */
	#meanwhile: SegmentWorker | undefined;
	/** Grows whenever a way is given up, so that what belongs to an older one is known. */
	#turn = 0;
	/** The graphics card was lost once. */
	#lost = false;
	/** An input size at which memory may not be too short. */
	#size: number | undefined;
	#prepared: readonly [frame: PromptedFrame, next?: PromptedFrame] | undefined;
	/** The newest question of each asker about each frame. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it
	readonly #newest = new Map<string, symbol>();
	#closed = false;

	constructor(private readonly parts: SegmentationParts) {
		this.#choice = new WayChoice(parts);
	}

	/** What the user chose. */
	get wish(): SegmentationWish {
		return this.#choice.wish;
	}

	set wish(wish: SegmentationWish) {
		this.#choice.wish = wish;
		this.#size = undefined;
		this.#lost = false;
		this.#again();
	}

	/** Follows what this browser and the server have. @returns how to stop */
	start(): () => void {
		const { parts } = this;
		return $effect.root(() => {
			const kept = $derived(`${parts.kept()?.weights} ${parts.kept()?.form}`);
			$effect(() => {
				void kept;
				untrack(() => this.#choice.forgive('webgpu', 'wasm'));
			});
			$effect(() => {
				void parts.connection.health;
				untrack(() => this.#choice.forgive('server'));
			});
			$effect(() => {
				if (this.#current && this.#choice.next !== this.#current.way) untrack(() => this.#again());
			});
		});
	}

	segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		mask?: RunLengthMask,
		asker: Asker = 0
	): Promise<SegmentAnswer | undefined> {
		const key = asker === 'preview' ? asker : `${asker} ${frame.key}`;
		return this.#ask(frame, key, async (answers) => {
			const start = performance.now();
			const before = this.encodeMilliseconds;
			const answer = await answers.segment(frame, prompts, mask, asker);
			if ('encodeMilliseconds' in answers) this.encodeMilliseconds = answers.encodeMilliseconds;
			// What had to wait for its frame says nothing of the next.
			if (answer && before === this.encodeMilliseconds) this.#answerMilliseconds = performance.now() - start;
			return answer;
		});
	}

	detect(frame: PromptedFrame, concept: Concept): Promise<DetectAnswer | undefined> {
		return this.#ask(frame, 'detect', (answers, way) => {
			if (way === 'server' && !frame.clip) throw appError('clip-uploading');
			return answers.detect(frame, concept);
		});
	}

	async prepare(frame: PromptedFrame, next?: PromptedFrame): Promise<void> {
		const prepared = (this.#prepared = [frame, next] as const);
		if ((this.encodeMilliseconds ?? 0) > QUICK) await new Promise((resolve) => setTimeout(resolve, STAYS));
		if (this.#prepared !== prepared || this.#closed) return;
		await this.#ask(frame, 'prepare', async (answers) => {
			await answers.prepare(frame, next);
			if ('encodeMilliseconds' in answers) this.encodeMilliseconds = answers.encodeMilliseconds;
			return true;
		});
	}

	/**
	 * Follows targets through a clip in this browser: with SAM 3 where that answers here, else with the classic segmenter.
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
		const opened = await abortable(this.#ready(), signal);
		const turn = this.#turn;
		const worker = this.#inBrowser(opened);
		try {
			await worker.track(file, name, request, onFrame, signal);
		} catch (error) {
			if (!signal.aborted && worker === opened.answers) this.#recover(opened, turn, error);
			throw error;
		}
	}

	close(): void {
		this.#closed = true;
		this.#giveUp();
	}

	/** Asks the way that is ready, then the next one where that fails; undefined where a newer question of the same key came. */
	async #ask<T>(
		frame: PromptedFrame,
		key: string,
		ask: (answers: Opened['answers'], way: Way) => Promise<T | undefined>
	): Promise<T | undefined> {
		const id = Symbol();
		this.#newest.set(key, id);
		try {
			for (;;) {
				const opened = await this.#ready();
				const turn = this.#turn;
				const answers = frame.clip === undefined ? this.#inBrowser(opened) : opened.answers;
				const isNewest = () => this.#newest.get(key) === id;
				try {
					const answer = await ask(answers, opened.way);
					// What waited when its way was given up is asked again.
					if (answer !== undefined || turn === this.#turn || !isNewest()) return answer;
				} catch (error) {
					if (answers !== opened.answers && turn === this.#turn) throw error;
					if (!this.#recover(opened, turn, error)) throw error;
					if (!isNewest()) return undefined;
					if (key === 'detect' && this.#choice.next === 'classic') throw error;
				}
			}
		} finally {
			if (this.#newest.get(key) === id) this.#newest.delete(key);
		}
	}

	async #ready(): Promise<Opened> {
		if (this.#closed) throw new DOMException('closed', 'AbortError');
		return (this.#opening ??= this.#open());
	}

	async #open(): Promise<Opened> {
		const turn = this.#turn;
		this.state = 'opening';
		await this.parts.known?.();
		for (;;) {
			if (turn !== this.#turn) return this.#ready();
			const way = this.#choice.next;
			try {
				const opened = await this.#openWay(way);
				if (turn === this.#turn) return this.#take(opened);
				opened.answers.close();
			} catch (error) {
				if (turn === this.#turn) {
					const problem = way === 'classic' ? undefined : wayFailure(way, error, true);
					if (problem) this.#learn(way, problem, way === this.wish.way);
					else {
						this.#giveUp();
						throw error;
					}
				}
			}
		}
	}

	#take(opened: Opened): Opened {
		this.#current = opened;
		this.encodeMilliseconds = opened.info.encodeMilliseconds;
		this.state = 'ready';
		return opened;
	}

	async #openWay(way: Way): Promise<Opened> {
		if (way === 'server') {
			const info = expectedInfo('sam3', sam3Of(this.parts.connection.health));
			return { way, info, answers: new ServerSegments(this.parts.api) };
		}
		const answers = this.#start(way === 'classic' ? {} : this.#sam3(way));
		this.#starting = answers;
		try {
			return { way, info: await answers.info(), answers };
		} catch (error) {
			answers.close();
			throw error;
		} finally {
			if (this.#starting === answers) this.#starting = this.stage = undefined;
		}
	}

	#sam3(way: 'webgpu' | 'wasm'): SegmentClientOptions {
		const { size, precision, way: chosen } = this.wish;
		return {
			sam3: { provider: way, size: this.#size ?? size, precision, anySpeed: way === chosen },
			onStage: (stage) => (this.stage = stage)
		};
	}

	#start(options: SegmentClientOptions): SegmentWorker {
		return this.parts.start?.(options) ?? new SegmentClient(options);
	}

	/** The worker of this browser that answers: its own, or the classic one while the server waits for the clip. */
	#inBrowser({ answers }: Opened): SegmentWorker {
		return answers instanceof ServerSegments ? (this.#meanwhile ??= this.#start({})) : answers;
	}

	/** Whether a question that failed is to be asked again, since the way that failed was given up. */
	#recover(opened: Opened, turn: number, error: unknown): boolean {
		if (turn !== this.#turn) return !this.#closed;
		const problem = opened.way === 'classic' ? undefined : wayFailure(opened.way, error);
		if (!problem) return false;
		if (problem.code === 'server-away') this.parts.connection.suspect();
		this.#learn(opened.way, problem, true, opened.info);
		this.#giveUp();
		return true;
	}

	/** Decides how to go on after a failure. */
	#learn(way: Way, problem: WayProblem, tells: boolean, info?: SegmenterInfo): void {
		const { tell } = this.parts;
		if (problem.code === 'gpu-lost' && !this.#lost) {
			this.#lost = true;
			return tell({ code: 'gpu-again' });
		}
		const size = problem.code === 'out-of-memory' && way !== 'server' ? smaller(problem, info) : undefined;
		if (size !== undefined) {
			this.#size = size;
			return tell({ code: 'smaller', size });
		}
		this.#choice.fail(way, problem);
		if (tells) tell({ code: 'next-way', failed: { way, ...problem }, way: this.#choice.next });
	}

	/** Opens the way that is next now, where one was open, and makes the shown frame ready there. */
	#again(): void {
		if (!this.#opening) return;
		this.#giveUp();
		// What goes wrong is told with the next question.
		if (this.#prepared) this.prepare(...this.#prepared).catch(() => {});
	}

	#giveUp(): void {
		this.#turn++;
		this.#opening = undefined;
		for (const worker of [this.#current?.answers, this.#starting, this.#meanwhile]) worker?.close();
		this.#current = this.#starting = this.#meanwhile = undefined;
		this.encodeMilliseconds = this.#answerMilliseconds = this.stage = undefined;
		this.state = 'idle';
	}
}

/** The next smaller input size, where there is one. */
function smaller({ params }: WayProblem, info: SegmenterInfo | undefined): number | undefined {
	const { setup, sizes } = info ?? {};
	if (typeof params.smaller === 'number') return params.smaller;
	return setup && sizes?.find((size) => size < setup.size);
}
