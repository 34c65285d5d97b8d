const prefix = 'splazmatte-file:';
const sweepName = 'splazmatte-sweep';

/** What is used of `navigator.locks`. */
export type Locks = Pick<LockManager, 'request' | 'query'>;

/** Keeps files from being swept by any tab, by Web Locks, so that a tab that is killed holds nothing any more. */
export class FileHolds {
	/** How to let the files go that no session or result refers to so far. */
	readonly #new = new Map<string, () => void>();

	constructor(private readonly locks: Locks | undefined = globalThis.navigator?.locks) {}

	/** Resolves, once no sweep takes the file any more, to how to let it go. A file may be held several times. */
	async hold(id: string): Promise<() => void> {
		const { locks } = this;
		if (!locks) return () => {};
		return new Promise((granted, refused) => {
			const held = () => new Promise<void>((release) => granted(release));
			locks.request(prefix + id, { mode: 'shared' }, held).catch(refused);
		});
	}

	/** Holds a file that is about to be written, until a session or result refers to it. */
	async holdNew(id: string): Promise<void> {
		this.#new.set(id, await this.hold(id));
	}

	/** Lets a new file go, since something refers to it now or it was not written. */
	letGoNew(id: string): void {
		this.#new.get(id)?.();
		this.#new.delete(id);
	}

	/** The ids of the files that any tab holds. */
	async all(): Promise<ReadonlySet<string>> {
		const { held = [] } = (await this.locks?.query()) ?? {};
		const names = held.flatMap(({ name }) => name ?? []).filter((name) => name.startsWith(prefix));
		return new Set(names.map((name) => name.slice(prefix.length)));
	}

	/** Runs one sweep at a time; none where another one runs, or where the browser does not tell what other tabs hold. */
	async sweeping(sweep: () => Promise<void>): Promise<void> {
		await this.locks?.request(sweepName, { ifAvailable: true }, (lock) => (lock ? sweep() : undefined));
	}
}

/** Those of this tab. */
export const fileHolds = new FileHolds();
