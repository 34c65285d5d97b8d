import type { KeepProblem } from './messages.ts';

/** One build of the page. */
export interface Shell {
	readonly version: string;
	/** Its files: paths, each with its digest as in an `integrity` attribute. `/` is the page itself. */
	readonly files: Readonly<Record<string, string>>;
}

const prefix = 'shell-';

/** The name of a version's cache, and of the lock that every page of this version holds. */
export function cacheName(version: string): string {
	return prefix + version;
}

/** Whether a cache, or a lock, is a version's. */
export function isShell(name: string): boolean {
	return name.startsWith(prefix);
}

/**
 * Keeps every file of a version that is not kept yet, so that a version that was interrupted goes on where it was.
 * @throws Error when a file cannot be had as this version has it, or there is no room
 */
export async function keepShell(
	{ version, files }: Shell,
	caches: CacheStorage,
	fetchFile: typeof fetch
): Promise<void> {
	const cache = await caches.open(cacheName(version));
	const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
	// One after the other, so that the page's own requests do not wait behind all of them.
	for (const [path, integrity] of Object.entries(files)) {
		if (kept.has(path)) continue;
		// The digest refuses a file of another version, as when the server was given a new build in between.
		const answer = await fetchFile(path, { integrity, cache: isHashed(path) ? 'default' : 'no-cache' });
		if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
		await cache.put(path, answer);
	}
}

/** Whether a file's name changes with its bytes, so that the browser's own cache of it is never out of date. */
function isHashed(path: string): boolean {
	return path.includes('/immutable/');
}

/** Finds a file of this version, or of an earlier one of which a page is still open. */
export function findFile(
	path: string,
	{ version, files }: Shell,
	caches: CacheStorage
): Promise<Response | undefined> {
	const own = path in files ? { cacheName: cacheName(version) } : {};
	return caches.match(path, { ignoreVary: true, ...own });
}

/**
 * The caches of versions that no page uses any more.
 * @param names of all caches
 * @param version that stays in any case
 * @param pages how many pages are open
 * @param held names of the locks that are held now
 */
export function unusedCaches(
	names: readonly string[],
	version: string,
	pages: number,
	held: readonly string[]
): string[] {
	const inUse = held.filter(isShell);
	// A page that has only begun to load does not say its version yet.
	if (inUse.length < pages) return [];
	const keep = new Set([...inUse, cacheName(version)]);
	return names.filter((name) => isShell(name) && !keep.has(name));
}

/** What to tell of an error of `keepShell`. */
export function keepProblem(error: unknown): KeepProblem {
	const full = error instanceof DOMException && error.name === 'QuotaExceededError';
	return full ? 'storage-full' : 'unreachable';
}
