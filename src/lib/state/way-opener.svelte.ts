import { untrack } from 'svelte';
import type { Api } from '$lib/api/client.ts';
import { SegmentClient, type SegmentClientOptions } from '$workers/segment/client.ts';
import type { OpenStage, SegmenterInfo } from '$workers/segment/types.ts';
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

export interface WayOpenerParts extends WayChoiceParts {
	readonly api: Pick<Api, 'segment' | 'clip'>;
	readonly connection: Pick<ServerConnection, 'health' | 'status' | 'suspect'>;
	/** Resolves when it is known what this browser keeps. */
	readonly known?: () => Promise<void>;
	readonly tell: (notice: SegmentationNotice) => void;
	readonly start?: (options: SegmentClientOptions) => SegmentWorker;
}

/** A way that is ready. */
export interface Opened {
	readonly way: Way;
	readonly info: SegmenterInfo;
	readonly answers: SegmentWorker | ServerSegments;
}

/** Opens the best way that works, gives it up where it fails, and opens it anew where what it was opened with has changed. */
export class WayOpener {
	state = $state<'idle' | 'opening' | 'ready'>('idle');
	/** What opening is at. */
	stage = $state<OpenStage>();
	/** Whether a frame is being made ready in this browser. */
	encoding = $state(false);
	current = $state.raw<Opened>();
	/** Grows whenever a way is given up, so that what belongs to an older one is known. */
	turn = 0;
	closed = false;

	readonly choice: WayChoice;
	/** Names the file of weights that is kept, which changes with what it is packed in. */
	readonly #weights = $derived.by(() => {
		const { weights, form } = this.parts.kept() ?? {};
		return `${weights} ${form}`;
	});
	/** What the server says of its SAM 3, but for what each question may change. */
	readonly #server = $derived.by(() => {
		const { status, health } = this.parts.connection;
		return `${status} ${JSON.stringify({ ...sam3Of(health), loaded: undefined })}`;
	});
	#seen: readonly [weights?: string, server?: string] = [];
	/** What the way was opened with that is open, or being opened. */
	#basis = $state<string>();
	readonly #isOutdated = $derived.by(
		() => this.#basis !== undefined && this.#basis !== this.#basisOf(this.choice.next)
	);

	#opening: Promise<Opened> | undefined;
	/** The worker in which SAM 3 is being opened. */
	#starting: SegmentWorker | undefined;
	/** The classic segmenter, while the server still waits for the clip. */
	#meanwhile: SegmentWorker | undefined;
	/** The workers that follow targets, which live until they have done so. */
	#held: readonly SegmentWorker[] = [];
	/** The graphics card was lost once. */
	#lost = false;
	/** An input size at which memory may not be too short. */
	#size: number | undefined;

	/** @param onReopen called when the way that was open is opened anew */
	constructor(
		private readonly parts: WayOpenerParts,
		private readonly onReopen: () => void
	) {
		this.choice = new WayChoice(parts);
	}

	/** Follows what this browser and the server have. @returns how to stop */
	start(): () => void {
		return $effect.root(() => {
			$effect(() => {
				void [this.#weights, this.#server, this.#isOutdated];
				untrack(() => this.look());
			});
		});
	}

	/** Takes in what has changed in this browser and on the server: what failed by it may work now, and what is open be out of date. */
	look(): void {
		const [weights, server] = this.#seen;
		this.#seen = [this.#weights, this.#server];
		if (weights !== this.#weights) this.choice.forgive('webgpu', 'wasm');
		if (server !== this.#server) this.choice.forgive('server');
		this.#follow();
	}

	set wish(wish: SegmentationWish) {
		this.choice.wish = wish;
		this.#size = undefined;
		this.#lost = false;
		this.#follow();
	}

	/** The way that is ready, once it is. @throws an AbortError after `close`, what keeps even the last way from opening */
	async ready(): Promise<Opened> {
		if (this.closed) throw new DOMException('closed', 'AbortError');
		return (this.#opening ??= this.#open());
	}

	/** The worker of this browser that answers: its own, or the classic one while the server waits for the clip. */
	inBrowser({ answers }: Opened): SegmentWorker {
		return answers instanceof ServerSegments ? (this.#meanwhile ??= this.#start({})) : answers;
	}

	/** Keeps a worker, and what else is not given up before, as they are until targets are followed. @returns what to call then */
	hold(worker: SegmentWorker): () => void {
		this.#held = [...this.#held, worker];
		return () => {
			this.#held = this.#held.toSpliced(this.#held.indexOf(worker), 1);
			if (!this.#held.includes(worker) && !this.#workers.includes(worker)) worker.close();
			this.#follow();
		};
	}

	/**
	 * Gives up a way that failed.
	 * @param turn when it was asked
	 * @returns whether what failed is to be asked again, since there is another way now
	 */
	recover(opened: Opened, turn: number, error: unknown): boolean {
		if (turn !== this.turn) return !this.closed;
		const problem = opened.way === 'classic' ? undefined : wayFailure(opened.way, error);
		if (!problem) return false;
		if (problem.code === 'server-away') this.parts.connection.suspect();
		this.#learn(opened.way, problem, true, opened.info);
		this.#giveUp();
		return true;
	}

	close(): void {
		this.closed = true;
		this.#giveUp();
		for (const worker of this.#held) worker.close();
	}

	async #open(): Promise<Opened> {
		const { turn } = this;
		this.state = 'opening';
		await this.parts.known?.();
		for (;;) {
			if (turn !== this.turn) return this.ready();
			const way = this.choice.next;
			this.#basis = this.#basisOf(way);
			try {
				const opened = await this.#openWay(way);
				if (turn === this.turn) {
					this.state = 'ready';
					return (this.current = opened);
				}
				opened.answers.close();
			} catch (error) {
				if (turn === this.turn) {
					const problem = way === 'classic' ? undefined : wayFailure(way, error, true);
					if (problem) this.#learn(way, problem, way === this.choice.wish.way);
					else {
						this.#giveUp();
						throw error;
					}
				}
			}
		}
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
		const { size, precision, way: chosen } = this.choice.wish;
		return {
			sam3: { provider: way, size: this.#size ?? size, precision, anySpeed: way === chosen },
			onStage: (stage) => (this.stage = stage)
		};
	}

	/** What a way would be opened with now. */
	#basisOf(way: Way): string {
		if (way === 'server' || way === 'classic') return way;
		const { size, precision, way: chosen } = this.choice.wish;
		return [way, size, precision, way === chosen, this.#weights].join(' ');
	}

	#start(options: SegmentClientOptions): SegmentWorker {
		const all = { ...options, onEncoding: (encoding: boolean) => void (this.encoding = encoding) };
		return this.parts.start?.(all) ?? new SegmentClient(all);
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
		this.choice.fail(way, problem);
		if (tells) tell({ code: 'next-way', failed: { way, ...problem }, way: this.choice.next });
	}

	/** Opens the way anew where it would be opened otherwise now; while targets are followed, that waits. */
	#follow(): void {
		if (this.closed || this.#held.length > 0 || !this.#isOutdated) return;
		this.#giveUp();
		this.onReopen();
	}

	#giveUp(): void {
		this.turn++;
		for (const worker of this.#workers) if (!this.#held.some((held) => held === worker)) worker.close();
		this.#opening = this.#basis = undefined;
		this.current = this.#starting = this.#meanwhile = this.stage = undefined;
		this.encoding = false;
		this.state = 'idle';
	}

	get #workers(): readonly Opened['answers'][] {
		return [this.current?.answers, this.#starting, this.#meanwhile].filter((worker) => worker !== undefined);
	}
}

/** The next smaller input size, where there is one. */
function smaller({ params }: WayProblem, info: SegmenterInfo | undefined): number | undefined {
	const { setup, sizes } = info ?? {};
	if (typeof params.smaller === 'number') return params.smaller;
	return setup && sizes?.find((size) => size < setup.size);
}
