import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../models/errors.ts';
import type { Size } from '../../models/frame.ts';
import { fromReading, sizeOf, stampOf } from '../../models/hub/files.node.ts';
import type { Manifest } from '../../models/hub/manifest.ts';
import { filesBeside } from '../../models/hub/official.node.ts';
import type { Installation, ModelStore } from '../../models/hub/store.node.ts';
import type { MatteOptions } from '../../models/matter.ts';
import { engineInfo, findModel, type EngineId, type ModelId, type ModelInfo } from '../../models/registry.ts';
import { segmenterInfo, type SegmenterId } from '../../models/segmenters.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { Checkpoint } from '../../models/weights/checkpoint.ts';
import type { Config } from '../config.ts';
import { appError } from '../protocol/errors.ts';
import { FileHashes } from './file-hashes.ts';
import {
	classicMemory,
	fitsItself,
	jobMemory,
	jobOverhead,
	leastVideoMaMaMemory,
	segmenterMemory,
	type Followed,
	type Memory
} from './memory.ts';
import type { RuntimeFacts } from './runtime-probe.ts';
import type { EngineSetup } from './setup.ts';

/** What of an engine or a segmenter is on this machine. */
export interface State {
	/** Why it cannot run, and what to do. */
	readonly problem?: CodedError;
	/** What it runs on. */
	readonly provider: string;
	/** SHA-256 of its weights and of the files beside them that it heeds, where it has any and they are here. */
	readonly weights?: string;
	readonly standIn: boolean;
	/** How a process is to run it; for one with weights that are here. */
	readonly setup?: EngineSetup;
}

export interface EngineState extends State {
	readonly id: EngineId;
}

export interface SegmenterState extends State {
	readonly id: SegmenterId;
}

/** How to look at a model whose files nobody has named yet: they are read first, which takes a while, or from now on. */
export type Look = 'whole' | 'glance';

const withoutWeights: State = { provider: 'cpu', standIn: false };

export type EngineSettings = Pick<Config, 'memoryBudget' | 'gpuMemoryBudget' | 'precision' | 'threads'>;

/** How much of a graphics card's memory engines may take, unless told otherwise: a screen needs some, too. */
const DEVICE_SHARE = 0.9;

/** The engines as they are on this machine: what each runs on, whether its weights are here, how much memory it will need. */
export class EngineCatalogue {
	/** Of files that someone put there. */
	readonly #hashes: FileHashes;

	/**
	 * @param cache a folder of ours that can be written
	 * @param runtime may still be found out
	 */
	constructor(
		private readonly models: ModelStore,
		private readonly cache: string,
		readonly runtime: Promise<RuntimeFacts>,
		private readonly settings: EngineSettings
	) {
		this.#hashes = new FileHashes(join(cache, 'hashes.json'));
	}

	/** Whether an engine can run on this server, and as what. */
	async state(id: EngineId, look: Look = 'whole'): Promise<EngineState> {
		const { model, places } = engineInfo(id);
		if (!model) return { id, ...withoutWeights };
		return { id, ...(await this.#modelState(model, !places.includes('server'), look)) };
	}

	/** Whether a segmenter can run on this server, and as what. */
	async segmenterState(id: SegmenterId, look: Look = 'whole'): Promise<SegmenterState> {
		const { model } = segmenterInfo(id);
		return { id, ...(model ? await this.#modelState(model, false, look) : withoutWeights) };
	}

	/** The state of a model whose weights browsers get: it need not run here. */
	handedOut(model: ModelId, look: Look): Promise<State> {
		return this.#modelState(model, true, look);
	}

	/**
	 * How a process is to run the translator.
	 * @throws CodedError that says why it cannot
	 */
	async readyTranslator(): Promise<EngineSetup> {
		const { problem, setup } = await this.#modelState('opus-mt-zh-en', false, 'whole');
		if (problem) throw problem;
		return { ...setup!, provider: 'cpu', precision: 'float32' };
	}

	/**
	 * The state of an engine that is to run.
	 * @throws CodedError that says why it cannot
	 */
	async ready(id: EngineId): Promise<EngineState> {
		if (!engineInfo(id).places.includes('server')) throw appError('engine-unavailable', { engine: id });
		const state = await this.state(id);
		if (state.problem) throw state.problem;
		return state;
	}

	/**
	 * The state of the segmenter that is to run: the one chosen or, where none is, SAM 3 when its weights are here or something is looked for
	 * by words or examples, which no other does; else the classic one.
	 * @throws CodedError that says why it cannot
	 */
	async readySegmenter(chosen: SegmenterId | undefined, looksFor = false): Promise<SegmenterState> {
		const state = await this.segmenterState(chosen ?? 'sam3');
		if (!state.problem) return state;
		if (chosen || looksFor || state.problem.code !== 'model-absent') throw state.problem;
		return this.segmenterState('classic');
	}

	/** Bytes of memory that engines may take together. */
	async budget(): Promise<Memory> {
		const { memoryBudget, gpuMemoryBudget } = this.settings;
		const { deviceMemory = Infinity } = await this.runtime;
		return { main: memoryBudget, device: gpuMemoryBudget || DEVICE_SHARE * deviceMemory };
	}

	/** Bytes of memory that a job will take, about. */
	async need({ id, setup }: EngineState, size: Size, options: MatteOptions): Promise<Memory> {
		if (!setup) return { main: classicMemory(size), device: 0 };
		const network = jobMemory(id, size, options, setup);
		const rest = jobOverhead(id, size, options);
		const need =
			setup.provider === 'cpu' ? { main: rest + network, device: 0 } : { main: rest, device: network };
		if (!fitsItself(id, options)) return need;
		const budget = await this.budget();
		return { main: Math.min(need.main, budget.main), device: Math.min(need.device, budget.device) };
	}

	/** Bytes of memory that a segmenter will take on a clip, about, to answer prompts or to follow something. */
	needSegmenter({ id, setup }: SegmenterState, size: Size, followed?: Followed): Memory {
		return segmenterMemory(id, size, setup, followed);
	}

	/** @param inBrowser whether the server only hands the weights out */
	async #modelState(id: ModelId, inBrowser: boolean, look: Look): Promise<State> {
		const model = findModel(id)!;
		const runtime = inBrowser ? undefined : await this.runtime;
		const provider = runtime?.provider ?? 'browser';
		const found = await this.models.inspect(model);
		let standIn = found.origin === 'stand-in';
		if (found.state !== 'present') {
			const problem = found.problem ?? appError('model-absent', { name: model.name });
			return { provider, standIn, problem };
		}
		if (runtime?.problem) {
			const { code, params } = runtime.problem;
			return { provider, standIn, problem: appError(code, params) };
		}
		try {
			const checkpoint = await openCheckpoint(this.models.folder(model));
			standIn = checkpoint.standIn;
			const weights = await this.#weightsHash(model, checkpoint, found, look);
			if (weights === undefined) {
				return { provider, standIn, problem: appError('model-reading', { name: model.name }) };
			}
			const setup = inBrowser ? undefined : await this.#setup(model, weights);
			const problem = setup && id === 'videomama' ? shortOfMemory(setup) : undefined;
			return { provider, standIn, weights, setup, problem };
		} catch (error) {
			const problem = fromReading(error, model.name);
			if (problem instanceof CodedError) return { provider, standIn, problem };
			throw problem;
		}
	}

	async #setup(model: ModelInfo, weights: string): Promise<EngineSetup> {
		const { provider } = await this.runtime;
		const { precision, threads } = this.settings;
		const { main, device } = await this.budget();
		const fitting = provider === 'cuda' ? 'float16' : 'float32';
		return {
			...{ folder: this.models.folder(model), cache: join(this.cache, model.id), weights, provider },
			precision: precision === 'auto' ? fitting : precision,
			threads: threads || availableParallelism(),
			memory: Math.min(provider === 'cpu' ? main : device, Number.MAX_SAFE_INTEGER)
		};
	}

	/**
	 * The SHA-256 of the one file that a model is, or of those of several: as recorded, unless they were changed since then.
	 * @returns undefined while one of them is being read, at a glance
	 */
	async #weightsHash(
		model: ModelInfo,
		{ tensors }: Checkpoint,
		{ manifest }: Installation,
		look: Look
	): Promise<string | undefined> {
		const folder = this.models.folder(model);
		const beside = filesBeside(model.id);
		const isThere = await Promise.all(beside.map((file) => sizeOf(join(folder, file))));
		const read = beside.filter((_, index) => isThere[index] !== undefined);
		const files = new Set([...[...tensors.values()].map(({ file }) => file), ...read]);
		const hashes = await Promise.all(
			[...files].map(async (file) => {
				const path = join(folder, file);
				const recorded = await recordedHash(folder, file, manifest);
				return recorded ?? (look === 'glance' ? this.#hashes.glance(path) : this.#hashes.of(path));
			})
		);
		return hashes.every((hash) => hash !== undefined) ? joined(hashes) : undefined;
	}
}

/** That VideoMaMa finds no room for its smallest preset. */
function shortOfMemory(setup: EngineSetup): CodedError | undefined {
	const needed = leastVideoMaMaMemory(setup);
	if (needed <= setup.memory) return undefined;
	const [gigabytes, limit] = [needed, setup.memory].map((bytes) => Math.round(bytes / 1e8) / 10);
	return appError('engine-memory', { gigabytes: gigabytes!, limit: limit! });
}

/** A file's SHA-256 from when it came; undefined where there is none, or where the file is another one now. */
async function recordedHash(
	folder: string,
	path: string,
	manifest: Manifest | undefined
): Promise<string | undefined> {
	const file = manifest?.files.find((each) => each.path === path);
	if (!file) return undefined;
	const { bytes, modified } = await stampOf(join(folder, path));
	return bytes === file.bytes && modified === file.modified ? file.sha256 : undefined;
}

function joined(hashes: readonly string[]): string {
	const [only, ...more] = hashes;
	return more.length === 0
		? only!
		: createHash('sha256')
				.update([...hashes].sort().join())
				.digest('hex');
}
