import { once } from 'node:events';
import type { Logger } from 'pino';
import { limited } from '../limit.ts';
import { appError } from '../protocol/errors.ts';
import { larger, sum, type Memory } from './memory.ts';
import { EngineProcess, type RunHooks } from './process.ts';
import { processName, type Outcomes, type TaskKind, type TaskOf } from './task.ts';

export interface PoolOptions {
	/** Bytes that the engines' processes may hold together. */
	readonly budget: Promise<Memory>;
	readonly log: Logger;
	/** The module that runs in each process. */
	readonly host?: URL;
	/** How long a cancelled job may take to stop by itself, in milliseconds. */
	readonly patience?: number;
}

/** Tasks for whose answer someone sits and waits. */
const someoneWaits: readonly TaskKind[] = ['segment', 'phrase', 'translate'];

const nothing: Memory = { main: 0, device: 0 };
/** How many times longer than a job prompts may take to stop: nothing interrupts a network at work, and loading it again takes longer. */
const PROMPT_PATIENCE = 40;

/**
 * The engines' processes: each starts when it is first needed and stays, with what it has loaded, until another needs the memory. Those that
 * answer prompts are pinned: they go last, when nothing else that is idle makes enough room.
 */
export class EnginePool {
	readonly #processes = new Set<EngineProcess>();
	readonly #options: Required<PoolOptions>;
	/** Told whenever a process is free again or gone, and how often it was. */
	readonly #freed = new EventTarget();
	#frees = 0;
	/** Jobs get their memory in turn, so that a large one is not passed by for ever. */
	readonly #acquire = limited(1, (name: string, need: Memory, signal: AbortSignal) =>
		this.#wait(name, need, signal)
	);
	/** No two tasks may take the same room. */
	readonly #find = limited(1, (name: string, need: Memory, signal: AbortSignal) =>
		this.#take(name, need, signal)
	);

	constructor(options: PoolOptions) {
		const { host = new URL('./host.ts', import.meta.url), patience = 3000 } = options;
		this.#options = { ...options, host, patience };
	}

	/**
	 * Does a task in a process that has loaded what it takes, or a new one. A job begins as soon as there is memory for it; prompts do not
	 * wait for that. Settles when the process is free again or gone.
	 * @param need what the task will take, about
	 * @throws CodedError `memory-short` when there will never be enough, `memory-busy` when there is not enough for prompts now;
	 * `engine-died` and what the task throws; the signal's reason when it was aborted
	 */
	async run<K extends TaskKind>(task: TaskOf<K>, need: Memory, hooks: RunHooks): Promise<Outcomes[K]> {
		const { signal } = hooks;
		signal.throwIfAborted();
		requireFit(need, await this.#options.budget);
		const name = processName(task);
		const isPrompt = someoneWaits.includes(task.kind);
		const process = isPrompt ? await this.#find(name, need, signal) : await this.#acquire(name, need, signal);
		if (typeof process === 'string') throw appError('memory-busy', { gigabytes: gigabytes(need, process) });
		if (isPrompt) process.pinned = true;
		try {
			const { patience } = this.#options;
			return await process.run(task, hooks, isPrompt ? PROMPT_PATIENCE * patience : patience);
		} finally {
			await this.#makeRoom(nothing);
			this.#frees++;
			this.#freed.dispatchEvent(new Event('freed'));
		}
	}

	/** Whether a process is there that has loaded what tasks of a name need: it has done one. */
	hasLoaded(name: string): boolean {
		return this.#alive.some((process) => process.name === name && process.proven);
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

	/** A process for a task, reserved, as soon as there is one: waits while others take up the memory. */
	async #wait(name: string, need: Memory, signal: AbortSignal): Promise<EngineProcess> {
		for (;;) {
			const before = this.#frees;
			const found = await this.#find(name, need, signal);
			if (typeof found !== 'string') return found;
			if (this.#frees === before) await once(this.#freed, 'freed', { signal });
		}
	}

	/** A process for a task, reserved: one that has loaded what it needs already, or a new one; else the memory that there is too little of. */
	async #take(name: string, need: Memory, signal: AbortSignal): Promise<EngineProcess | keyof Memory> {
		signal.throwIfAborted();
		const idle = this.#alive.find((process) => process.name === name && !process.busy);
		if (idle && !(await this.#makeRoom(need, idle)) && idle.alive) {
			signal.throwIfAborted();
			idle.reserve(need);
			return idle;
		}
		const tight = await this.#makeRoom(need);
		if (tight) return tight;
		signal.throwIfAborted();
		return this.#start(name, need);
	}

	#start(name: string, need: Memory): EngineProcess {
		const { host, log } = this.#options;
		const process = new EngineProcess(name, host, log);
		process.reserve(need);
		this.#processes.add(process);
		return process;
	}

	/**
	 * Ends idle processes until there is room for a task: the one unused for longest first, pinned ones last.
	 * @param own the process that the task would run in; it grows to what the task needs
	 * @returns the memory that there is too little of; undefined when there is room
	 */
	async #makeRoom(need: Memory, own?: EngineProcess): Promise<keyof Memory | undefined> {
		const budget = await this.#options.budget;
		const idle = this.#alive.filter((process) => !process.busy && process !== own);
		idle.sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.lastUsed - a.lastUsed);
		for (;;) {
			const others = this.#alive.filter((process) => process !== own).map(({ held }) => held);
			const held = [...others, own ? larger(need, own.held) : need].reduce(sum);
			const tight = exceeded(held, budget);
			if (!tight) return undefined;
			const last = idle.pop();
			if (!last) return tight;
			// It may have been taken while another one ended.
			if (last.busy) continue;
			const level = last.pinned ? 'warn' : 'info';
			this.#options.log[level]({ engine: last.name, held, need }, 'engine ended to make room');
			await last.end();
		}
	}
}

/** @throws CodedError `memory-short` */
function requireFit(need: Memory, budget: Memory): void {
	const tight = exceeded(need, budget);
	if (!tight) return;
	throw appError('memory-short', { gigabytes: gigabytes(need, tight), limit: gigabytes(budget, tight) });
}

function gigabytes(memory: Memory, kind: keyof Memory): number {
	return Math.round(memory[kind] / 1e8) / 10;
}

/** The memory of which there is too little; undefined where there is enough of both. */
function exceeded(need: Memory, budget: Memory): keyof Memory | undefined {
	if (need.main > budget.main) return 'main';
	return need.device > budget.device ? 'device' : undefined;
}
