import { once } from 'node:events';
import type { Logger } from 'pino';
import type { EngineId } from '../../models/registry.ts';
import { limited } from '../limit.ts';
import { appError } from '../protocol/errors.ts';
import type { JobOutcome, JobSpec } from './job-spec.ts';
import type { Memory } from './memory.ts';
import { EngineProcess, type RunHooks } from './process.ts';

export interface PoolOptions {
	/** Bytes that the engines' processes may hold together. */
	readonly budget: Promise<Memory>;
	readonly log: Logger;
	/** The module that runs in each process. */
	readonly host?: URL;
	/** How long a cancelled job may take to stop by itself, in milliseconds. */
	readonly patience?: number;
}

const nothing: Memory = { main: 0, device: 0 };

/** The engines' processes: each starts when it is first needed and stays, with what it has loaded, until another needs the memory. */
export class EnginePool {
	readonly #processes = new Set<EngineProcess>();
	readonly #options: Required<PoolOptions>;
	/** Told whenever a process is free again or gone, and how often it was. */
	readonly #freed = new EventTarget();
	#frees = 0;
	/** Jobs get their memory in turn, so that a large one is not passed by for ever. */
	readonly #acquire = limited(1, (engine: EngineId, need: Memory, signal: AbortSignal) =>
		this.#find(engine, need, signal)
	);

	constructor(options: PoolOptions) {
		const { host = new URL('./host.ts', import.meta.url), patience = 3000 } = options;
		this.#options = { ...options, host, patience };
	}

	/**
	 * Runs a job in a process of its engine, as soon as there is memory for it. Settles when that process is free again or gone.
	 * @param need what the job will take, about
	 * @throws CodedError `memory-short` when there will never be enough; `engine-died` and what the job throws; the signal's reason when
	 * it was aborted
	 */
	async run(spec: JobSpec, need: Memory, hooks: RunHooks): Promise<JobOutcome> {
		hooks.signal.throwIfAborted();
		requireFit(need, await this.#options.budget);
		const process = await this.#acquire(spec.engine, need, hooks.signal);
		try {
			return await process.run(spec, hooks);
		} finally {
			await this.#makeRoom(nothing);
			this.#frees++;
			this.#freed.dispatchEvent(new Event('freed'));
		}
	}

	/** Ids of the processes that are there, busy or not. */
	get processIds(): number[] {
		return this.#alive.flatMap(({ pid }) => pid ?? []);
	}

	/** Ends every process. */
	close(): void {
		for (const process of this.#processes) void process.end();
		this.#processes.clear();
	}

	get #alive(): EngineProcess[] {
		for (const process of this.#processes) if (!process.alive) this.#processes.delete(process);
		return [...this.#processes];
	}

	/** A process for a job, reserved: one that has loaded the engine already, or a new one. Waits while others take up the memory. */
	async #find(id: EngineId, need: Memory, signal: AbortSignal): Promise<EngineProcess> {
		for (;;) {
			signal.throwIfAborted();
			const before = this.#frees;
			const idle = this.#alive.find(({ engine, busy }) => engine === id && !busy);
			if (idle && (await this.#makeRoom(need, idle)) && idle.alive) {
				signal.throwIfAborted();
				idle.reserve(need);
				return idle;
			}
			if (await this.#makeRoom(need)) {
				signal.throwIfAborted();
				return this.#start(id, need);
			}
			if (this.#frees === before) await once(this.#freed, 'freed', { signal });
		}
	}

	#start(engine: EngineId, need: Memory): EngineProcess {
		const { host, log, patience } = this.#options;
		const process = new EngineProcess(engine, host, log, patience);
		process.reserve(need);
		this.#processes.add(process);
		return process;
	}

	/**
	 * Ends idle processes, the one unused for longest first, until there is room for a job.
	 * @param own the process that the job would run in; it grows to what the job needs
	 * @returns whether there is room
	 */
	async #makeRoom(need: Memory, own?: EngineProcess): Promise<boolean> {
		const budget = await this.#options.budget;
		const idle = this.#alive.filter((process) => !process.busy && process !== own);
		idle.sort((a, b) => b.lastUsed - a.lastUsed);
		for (;;) {
			const others = this.#alive.filter((process) => process !== own).map(({ held }) => held);
			const held = [...others, own ? larger(need, own.held) : need].reduce(sum);
			if (fits(held, budget)) return true;
			const last = idle.pop();
			if (!last) return false;
			this.#options.log.info({ engine: last.engine, held, need }, 'engine ended to make room');
			await last.end();
		}
	}
}

/** @throws CodedError `memory-short` */
function requireFit(need: Memory, budget: Memory): void {
	if (fits(need, budget)) return;
	const tight = need.main > budget.main ? 'main' : 'device';
	const inGigabytes = (bytes: number) => Math.round(bytes / 1e8) / 10;
	throw appError('memory-short', { gigabytes: inGigabytes(need[tight]), limit: inGigabytes(budget[tight]) });
}

function fits(need: Memory, budget: Memory): boolean {
	return need.main <= budget.main && need.device <= budget.device;
}

function sum(a: Memory, b: Memory): Memory {
	return { main: a.main + b.main, device: a.device + b.device };
}

function larger(a: Memory, b: Memory): Memory {
	return { main: Math.max(a.main, b.main), device: Math.max(a.device, b.device) };
}
