import { effort } from '../../models/effort.ts';
import { defaultSegmenter, trackedBy, tracksFirst, type SegmenterId } from '../../models/segmenters.ts';
import type { EngineState, SegmenterState } from '../engines/catalogue.ts';
import type { JobOutcome } from '../engines/job-spec.ts';
import { larger, sum, type Memory } from '../engines/memory.ts';
import { describeResult, heededOptions } from '../protocol/key.ts';
import type { Clip, JobRequest } from '../protocol/schema.ts';
import { frameCount, spaceFor, spaceForUnfinished } from './disk.ts';
import { keyOf, type Places, type Plan, type Work, type WorkParts } from './work.ts';

type Making = Pick<JobRequest, 'engine' | 'options' | 'outputs' | 'segmenter' | 'keyframes'>;

/** The engine that mattes and, where it needs a mask for every frame, the segmenter that tracks them. */
interface Ready {
	readonly engine: EngineState;
	readonly segmenter?: SegmenterState;
}

/** Keys that are remembered with what they were made with. */
const KEPT = 1000;

/**
 * Keys of results, each with the weights and the program that it was made with. A key is the hash of up to 96 MiB, which holds up the server
 * for a second, and stays the same while these do.
 */
export class KnownKeys {
	readonly #makers = new Map<string, string>();

	/** The key that a job has already, if it was made with the same; else a new one. */
	get(known: string | undefined, maker: object, make: () => string): string {
		const madeWith = JSON.stringify(maker);
		if (known !== undefined && this.#makers.get(known) === madeWith) return known;
		const key = make();
		this.#makers.set(key, madeWith);
		if (this.#makers.size > KEPT) this.#makers.delete(this.#makers.keys().next().value!);
		return key;
	}
}

/** Mattes a clip from masks of keyframes. */
export class MatteWork implements Work {
	readonly diskName = 'matte';
	readonly own;
	readonly #segmenter: SegmenterId | undefined;

	/** @param known the key that the job has already */
	constructor(
		private readonly parts: WorkParts & { readonly keys: KnownKeys },
		private readonly clip: Clip,
		private readonly making: Making,
		private readonly known?: string
	) {
		const { engine, options, outputs } = making;
		this.#segmenter = trackedBy(making);
		this.own = { engine, options, outputs: [...new Set(outputs)], segmenter: this.#segmenter };
	}

	get saved(): JobRequest['keyframes'] {
		return this.making.keyframes;
	}

	get space(): number {
		const kept = tracksFirst(this.making.engine) ? spaceForUnfinished(this.clip) : 0;
		return spaceFor(this.clip, this.own.outputs) + kept;
	}

	async key(): Promise<string> {
		return this.#key(await this.#ready());
	}

	async plan({ clip, directory, name, unfinished: folder }: Places): Promise<Plan> {
		const { keyframes, engine: id } = this.making;
		const ready = await this.#ready();
		const setups = { setup: ready.engine.setup, segmenterSetup: ready.segmenter?.setup };
		const key = this.#key(ready);
		const unfinished = tracksFirst(id) ? { folder, key: madeBy(key, ready) } : undefined;
		const spec = { clip, directory, name, keyframes, ...this.own, ...setups, unfinished };
		return { key, task: { kind: 'matte', spec }, need: await this.#need(ready) };
	}

	async #need({ engine, segmenter }: Ready): Promise<Memory> {
		const { engines } = this.parts;
		const { keyframes, options, engine: id } = this.making;
		const matting = await engines.need(engine, this.clip, options);
		// What the classic segmenter takes is reckoned with the classic engine.
		if (!segmenter?.setup) return matting;
		const followed = { targets: 1, keyframes: remembered(keyframes, this.clip) };
		const tracking = engines.needSegmenter(segmenter, this.clip, followed);
		return tracksFirst(id) ? larger(matting, tracking) : sum(matting, tracking);
	}

	estimate(): number | undefined {
		const { engine, options, keyframes } = this.making;
		const pace = this.#teaches ? this.parts.paces.get(engine) : undefined;
		if (pace === undefined) return undefined;
		const { width, height } = this.clip;
		const frames = frameCount(this.clip);
		return (1000 * effort({ engine, options, frames, keyframes: keyframes.length, width, height })) / pace;
	}

	async learn({ record }: JobOutcome): Promise<void> {
		const { engine, options, keyframes } = this.making;
		// How much of each frame a crop left out is not known, nor what masks would have cost that were given, or frames that were kept.
		const { matanyone, videomama } = heededOptions(options, engine);
		const isCropped = matanyone?.crop || videomama?.crop;
		const isGiven =
			this.#segmenter !== undefined && !tracksFirst(engine) && keyframes.length > record.frames / 2;
		if (record.seconds <= 0 || isCropped || isGiven || record.keptFrames || !this.#teaches) return;
		const { frames, workWidth: width = record.width, workHeight: height = record.height } = record;
		const done = effort({ engine, options, frames, keyframes: keyframes.length, width, height });
		await this.parts.paces.learn(engine, done / record.seconds);
	}

	/** An engine's pace is known with the default segmenter; beside a large engine it does not matter what tracks, or whether anything does. */
	get #teaches(): boolean {
		const isDefault = this.#segmenter === undefined || this.#segmenter === defaultSegmenter;
		return isDefault || tracksFirst(this.making.engine);
	}

	async #ready(): Promise<Ready> {
		const { engines } = this.parts;
		const engine = await engines.ready(this.making.engine);
		return { engine, segmenter: this.#segmenter && (await engines.readySegmenter(this.#segmenter)) };
	}

	#key({ engine, segmenter }: Ready): string {
		const { version, keys } = this.parts;
		const making = { clip: this.clip.hash, keyframes: this.making.keyframes, ...this.own };
		const maker = { version, weights: engine.weights, segmenterWeights: segmenter?.weights };
		return keys.get(this.known, maker, () => keyOf(describeResult(making, maker)));
	}
}

/** Names what a job makes and what computes it: parts of a result that others computed differ a little. */
function madeBy(key: string, { engine, segmenter }: Ready): string {
	const setups = [engine.setup, segmenter?.setup].map((setup) => [setup?.provider, setup?.precision]);
	return JSON.stringify([key, ...setups]);
}

/** How many masks tracking starts from: those in the midst of others are taken as they are. */
function remembered(keyframes: JobRequest['keyframes'], clip: Clip): number {
	const times = keyframes.map(({ time }) => time).sort((a, b) => a - b);
	const gap = 1.5 * (clip.duration / frameCount(clip));
	const isBeside = (a: number | undefined, b: number | undefined) =>
		a !== undefined && b !== undefined && b - a < gap;
	return times.filter((time, i) => !isBeside(times[i - 1], time) || !isBeside(time, times[i + 1])).length;
}
