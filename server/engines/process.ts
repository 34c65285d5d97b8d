import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { appError } from '../protocol/errors.ts';
import type { Progress } from '../protocol/schema.ts';
import { forkModule } from './child.ts';
import type { Memory } from './memory.ts';
import { hostMessage, type HostReply, type HostRequest } from './messages.ts';
import { outcomes, type Outcomes, type TaskKind, type TaskOf } from './task.ts';

export interface RunHooks {
	readonly signal: AbortSignal;
	readonly onProgress: (progress: Progress) => void;
}

interface Run {
	readonly onProgress: RunHooks['onProgress'];
	readonly resolve: (outcome: unknown) => void;
	readonly reject: (error: unknown) => void;
}

/** An engine's process, from its start to its end. */
export class EngineProcess {
	lastUsed = 0;
	/** Whether it is to stay as long as any other that is idle can go. */
	pinned = false;
	#proven = false;
	/** Bytes of main memory that it held when it last said something. */
	#seen = 0;
	/** What the task that it does, or is kept for, will take. */
	#need: Memory | undefined;
	/** The most that any task took of the graphics card's memory: ONNX Runtime keeps it. */
	#device = 0;
	readonly #child: ChildProcess;
	#run: Run | undefined;
	#alive = true;

	/**
	 * @param name see `processName`
	 * @param host the module that runs in the process: `host.ts`, or a test's own
	 */
	constructor(
		readonly name: string,
		host: URL,
		private readonly log: Logger
	) {
		this.#child = forkModule(host, [name], (line) => log.warn({ engine: name }, line));
		this.#child.on('message', (message) => this.#receive(message));
		this.#child.on('exit', (code, signal) => this.#ended({ code, signal }));
		this.#child.on('error', (err) => this.#ended({ err }));
	}

	get pid(): number | undefined {
		return this.#child.pid;
	}

	get alive(): boolean {
		return this.#alive;
	}

	/** Whether it does a task, or is kept for one. */
	get busy(): boolean {
		return this.#need !== undefined;
	}

	/** Whether it has done a task to the end, for which it has loaded what it takes. */
	get proven(): boolean {
		return this.#proven;
	}

	/** Bytes that it holds, or will while it is busy. */
	get held(): Memory {
		return { main: Math.max(this.#seen, this.#need?.main ?? 0), device: this.#device };
	}

	/** Keeps it for a task, which must follow. */
	reserve(need: Memory): void {
		this.#need = need;
		this.#device = Math.max(this.#device, need.device);
	}

	/**
	 * Does the task that the process was reserved for. Settles only when the process is free again or gone, also after an abort.
	 * @param patience how long the task may take to stop by itself once it is aborted, in milliseconds
	 * @throws CodedError `engine-died` and what the task throws; the signal's reason when it was aborted
	 */
	async run<K extends TaskKind>(
		task: TaskOf<K>,
		{ signal, onProgress }: RunHooks,
		patience: number
	): Promise<Outcomes[K]> {
		let timer: NodeJS.Timeout | undefined;
		const cancel = () => {
			this.#send({ type: 'cancel' });
			timer = setTimeout(() => void this.end(), patience);
		};
		signal.addEventListener('abort', cancel);
		try {
			signal.throwIfAborted();
			const outcome = await new Promise<unknown>((resolve, reject) => {
				this.#run = { onProgress, resolve, reject };
				this.#send({ type: 'run', task });
			});
			this.#proven = true;
			return outcomes[task.kind as K].parse(outcome);
		} catch (error) {
			signal.throwIfAborted();
			throw error;
		} finally {
			this.#run = this.#need = undefined;
			this.lastUsed = Date.now();
			clearTimeout(timer);
			signal.removeEventListener('abort', cancel);
		}
	}

	/** Ends the process at once; a task that it does fails. Resolves when it is gone, and its memory with it. */
	async end(): Promise<void> {
		this.#child.kill('SIGKILL');
		if (this.#alive) await once(this.#child, 'exit');
	}

	#send(request: HostRequest): void {
		if (this.#child.connected) this.#child.send(request);
	}

	#receive(message: unknown): void {
		const parsed = hostMessage.safeParse(message);
		if (!parsed.success) {
			this.log.error({ engine: this.name, err: parsed.error }, 'the engine sent what nobody understands');
			void this.end();
			return;
		}
		this.#seen = parsed.data.memory;
		if (this.#run) settle(this.#run, parsed.data.reply);
	}

	#ended(why: { code?: number | null; signal?: NodeJS.Signals | null; err?: Error }): void {
		if (!this.#alive) return;
		this.#alive = false;
		this.log.info({ engine: this.name, ...why }, 'engine ended');
		this.#run?.reject(appError('engine-died'));
	}
}

function settle(run: Run, reply: HostReply): void {
	if (reply.type === 'progress') run.onProgress(reply.progress);
	else if (reply.type === 'done') run.resolve(reply.outcome);
	else if (reply.error) run.reject(appError(reply.error.code, reply.error.params, { cause: reply.detail }));
	else run.reject(new Error(reply.detail));
}
