interface Held {
	readonly name: string;
	readonly mode: LockMode;
	readonly tab: FakeTabLocks;
	readonly end: (reason?: unknown) => void;
}

interface Waiting {
	readonly name: string;
	readonly mode: LockMode;
	readonly tab: FakeTabLocks;
	readonly grant: () => void;
}

/** Web Locks in memory, shared by as many tabs as a test makes. */
export class FakeLocks {
	readonly held = new Set<Held>();
	readonly waiting = new Set<Waiting>();

	tab(): FakeTabLocks {
		return new FakeTabLocks(this);
	}

	isFree({ name, mode }: Pick<Waiting, 'name' | 'mode'>): boolean {
		const others = [...this.held].filter((lock) => lock.name === name);
		return others.every((lock) => mode === 'shared' && lock.mode === 'shared');
	}

	grantWaiting(): void {
		for (const request of this.waiting) {
			if (!this.isFree(request)) continue;
			this.waiting.delete(request);
			request.grant();
		}
	}
}

/** `navigator.locks` of one tab. */
export class FakeTabLocks implements Pick<LockManager, 'request' | 'query'> {
	constructor(private readonly all: FakeLocks) {}

	request<T>(name: string, callback: LockGrantedCallback<T>): Promise<Awaited<T>>;
	request<T>(name: string, options: LockOptions, callback: LockGrantedCallback<T>): Promise<Awaited<T>>;
	request<T>(
		name: string,
		...rest: [LockGrantedCallback<T>] | [LockOptions, LockGrantedCallback<T>]
	): Promise<Awaited<T>> {
		const [options, callback] = rest.length === 2 ? rest : [{}, rest[0]];
		const { mode = 'exclusive', ifAvailable, steal, signal } = options;
		const { all } = this;
		return new Promise((resolve, reject) => {
			const grant = () => {
				const end = (reason?: unknown) => {
					all.held.delete(lock);
					if (reason) reject(reason);
					all.grantWaiting();
				};
				const lock = { name, mode, tab: this, end };
				all.held.add(lock);
				Promise.resolve(callback({ name, mode })).then(resolve, reject).finally(end);
			};
			if (steal) {
				const stolen = [...all.held].filter((lock) => lock.name === name);
				for (const lock of stolen) all.held.delete(lock);
				grant();
				for (const lock of stolen) lock.end(new DOMException('', 'AbortError'));
			} else if (all.isFree({ name, mode })) {
				grant();
			} else if (ifAvailable) {
				Promise.resolve(callback(null)).then(resolve, reject);
			} else {
				const request = { name, mode, tab: this, grant };
				all.waiting.add(request);
				signal?.addEventListener('abort', () => {
					if (all.waiting.delete(request)) reject(signal.reason);
				});
			}
		});
	}

	async query(): Promise<LockManagerSnapshot> {
		return { held: [...this.all.held].map(({ name, mode }) => ({ name, mode, clientId: '' })) };
	}

	/** Ends the tab: what it holds and waits for is let go, and nothing is called. */
	kill(): void {
		for (const request of this.all.waiting) if (request.tab === this) this.all.waiting.delete(request);
		for (const lock of this.all.held) if (lock.tab === this) this.all.held.delete(lock);
		this.all.grantWaiting();
	}
}
