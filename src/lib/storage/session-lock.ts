import type { Locks } from './file-holds.ts';

/** What a tab is told about its session while it has it open. */
export interface SessionLockEvents {
	/** This tab writes the session from now on. Another has written it before: read it again. */
	won(): void;
	/** Another tab is about to take the session over: save what is not saved yet. */
	leaving(): Promise<void>;
	/** Another tab writes the session from now on: save nothing more. */
	lost(): void;
}

/** How long the tab that writes may take to save before the session is taken from it all the same, in milliseconds. */
const defaultPatience = 1500;

/**
 * Lets one tab write a session. The others wait for it to be closed, or take the session over. Where the browser has no Web Locks,
 * every tab is a writer.
 */
export class SessionLock {
	#writer = false;
	#release = () => {};
	/** Resolves when the lock that this tab has had is free again. */
	#released: Promise<void> = Promise.resolve();
	#waiting = new AbortController();
	#closed = false;
	readonly #name: string;
	readonly #channel: BroadcastChannel;

	constructor(
		id: string,
		private readonly events: SessionLockEvents,
		private readonly locks: Pick<Locks, 'request'> | undefined = globalThis.navigator?.locks,
		private readonly patience = defaultPatience
	) {
		this.#name = `splazmatte-session:${id}`;
		this.#channel = new BroadcastChannel(this.#name);
		this.#channel.addEventListener('message', ({ data }) => {
			if (data === 'asked' && this.#writer) void this.#leave();
		});
	}

	/** Whether this tab writes the session. */
	get writer(): boolean {
		return this.#writer;
	}

	/** Resolves to whether this tab writes the session; else it is told (`won`) when the tab that does has closed it. */
	async open(): Promise<boolean> {
		if (!this.locks) return (this.#writer = true);
		const free = await this.#request({ ifAvailable: true });
		if (!free) void this.#wait();
		return free;
	}

	/** Makes this tab the one that writes: the other saves first, if it still answers. Resolves after `won`. */
	async takeOver(): Promise<void> {
		if (this.#writer || this.#closed) return;
		await this.#asked();
		if (this.#closed) return;
		this.#waiting.abort();
		if (!this.#writer && (await this.#request({ steal: true }))) this.events.won();
	}

	/** Lets the session go. Resolves when another tab, or this one, can have it. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#writer = false;
		this.#waiting.abort();
		this.#channel.close();
		this.#release();
		await this.#released;
	}

	/** Resolves to whether the lock was granted; then this tab is the writer until it closes the session or another one takes it. */
	#request(options: LockOptions): Promise<boolean> {
		return new Promise((resolve) => {
			let granted = false;
			const request = this.locks!.request(this.#name, options, (lock) => {
				granted = lock !== null && !this.#closed;
				this.#writer ||= granted;
				resolve(granted);
				return granted ? new Promise<void>((release) => (this.#release = release)) : undefined;
			});
			const released = request.catch(() => {
				// Waiting was given up, or the lock was stolen.
				if (granted && !this.#closed) this.#lose();
				resolve(false);
			});
			this.#released = Promise.all([this.#released, released]).then(() => {});
		});
	}

	async #wait(): Promise<void> {
		this.#waiting = new AbortController();
		if (await this.#request({ signal: this.#waiting.signal })) this.events.won();
	}

	#lose(): void {
		this.#writer = false;
		this.events.lost();
		void this.#wait();
	}

	/** Resolves when the tab that writes has saved, or does not answer. */
	#asked(): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, this.patience);
			this.#channel.addEventListener('message', ({ data }) => {
				if (data !== 'saved') return;
				clearTimeout(timer);
				resolve();
			});
			this.#channel.postMessage('asked');
		});
	}

	/** Tells the tab that asks only when all is saved; what cannot be saved is lost with or without waiting. */
	async #leave(): Promise<void> {
		await this.events.leaving().catch(() => {});
		if (!this.#closed) this.#channel.postMessage('saved');
	}
}
