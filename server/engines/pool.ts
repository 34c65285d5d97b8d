import type { Logger } from 'pino';
import type { EngineId } from '../../models/registry.ts';
import type { JobOutcome, JobSpec } from './job-spec.ts';
import { EngineProcess, type RunHooks } from './process.ts';

export interface PoolOptions {
	/** Bytes that the engines' processes may hold together before those that are idle are ended. */
	readonly memoryBudget: number;
	readonly log: Logger;
	/** The module that runs in each process. */
	readonly host?: URL;
	/** How long a cancelled job may take to stop by itself, in milliseconds. */
	readonly patience?: number;
}

/** The engines' processes: each starts when it is first needed and stays, with what it has loaded, until another needs the memory. */
export class EnginePool {
	readonly #processes = new Set<EngineProcess>();
	/** What each engine held when last seen: what it is expected to need when it starts again. */
	readonly #needs = new Map<EngineId, number>();
	readonly #options: Required<PoolOptions>;

	constructor(options: PoolOptions) {
		const { host = new URL('./host.ts', import.meta.url), patience = 3000 } = options;
		this.#options = { ...options, host, patience };
	}

	/**
	 * Runs a job in a process of its engine. Settles when that process is free again or gone.
	 * @throws CodedError `engine-died` and what the job throws; the signal's reason when it was aborted
	 */
	async run(spec: JobSpec, hooks: RunHooks): Promise<JobOutcome> {
		hooks.signal.throwIfAborted();
		const process = this.#idle(spec.engine) ?? this.#start(spec.engine);
		try {
			return await process.run(spec, hooks);
		} finally {
			this.#needs.set(process.engine, process.memory);
			if (!process.alive) this.#processes.delete(process);
			this.#evict(0);
		}
	}

	/** Ids of the processes that are there, busy or not. */
	get processIds(): number[] {
		return [...this.#processes].flatMap(({ pid }) => pid ?? []);
	}

	/** Ends every process. */
	close(): void {
		for (const process of this.#processes) process.end();
		this.#processes.clear();
	}

	#idle(engine: EngineId): EngineProcess | undefined {
		for (const process of this.#processes) if (!process.alive) this.#processes.delete(process);
		return [...this.#processes].find((process) => process.engine === engine && !process.busy);
	}

	#start(engine: EngineId): EngineProcess {
		this.#evict(this.#needs.get(engine) ?? 0);
		const { host, log, patience } = this.#options;
		const process = new EngineProcess(engine, host, log, patience);
		this.#processes.add(process);
		return process;
	}

	/** Ends idle processes, the one unused for longest first, until there is room for `need` more bytes. */
	#evict(need: number): void {
		const idle = [...this.#processes].filter(({ busy }) => !busy).sort((a, b) => a.lastUsed - b.lastUsed);
		for (const process of idle) {
			const held = [...this.#processes].reduce((sum, { memory }) => sum + memory, 0);
			if (held + need <= this.#options.memoryBudget) return;
			this.#options.log.info({ engine: process.engine, held, need }, 'engine ended to make room');
			process.end();
			this.#processes.delete(process);
		}
	}
}
