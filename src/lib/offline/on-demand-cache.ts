/** Large files that only some need: paths, each with its digest as in an `integrity` attribute. Their names change with their bytes. */
export type OnDemandFiles = Readonly<Record<string, string>>;

/** One for all versions: most versions share these files. */
export const onDemandCache = 'on-demand';

/** A file that is kept once it was asked for; undefined for a path that is none of these, or cannot be had. */
export async function findOnDemand(
	path: string,
	files: OnDemandFiles,
	caches: CacheStorage,
	fetchFile: typeof fetch
): Promise<Response | undefined> {
	const kept = await caches.match(path, { ignoreVary: true, cacheName: onDemandCache });
	if (kept) return kept;
	const integrity = files[path];
	if (integrity === undefined) return undefined;
	const answer = await fetchFile(path, { integrity });
	if (!answer.ok) return answer;
	const cache = await caches.open(onDemandCache);
	// Without room for it the page works all the same, as long as there is a network.
	await cache.put(path, answer.clone()).catch((error: unknown) => console.warn(error));
	return answer;
}

/**
 * Gets a new version's files where an earlier version's were used, so that what works without a network goes on to.
 * @throws Error when a file cannot be had as this version has it, or there is no room
 */
export async function keepUsed(
	files: OnDemandFiles,
	caches: CacheStorage,
	fetchFile: typeof fetch
): Promise<void> {
	if (!(await caches.has(onDemandCache))) return;
	const cache = await caches.open(onDemandCache);
	const kept = await keptPaths(cache);
	for (const [path, integrity] of Object.entries(files)) {
		if (kept.includes(path)) continue;
		const answer = await fetchFile(path, { integrity });
		if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
		await cache.put(path, answer);
	}
}

/** Removes files of earlier versions. */
export async function dropOutdated(files: OnDemandFiles, caches: CacheStorage): Promise<void> {
	if (!(await caches.has(onDemandCache))) return;
	const cache = await caches.open(onDemandCache);
	const outdated = (await keptPaths(cache)).filter((path) => !(path in files));
	await Promise.all(outdated.map((path) => cache.delete(path, { ignoreVary: true })));
}

async function keptPaths(cache: Cache): Promise<string[]> {
	return (await cache.keys()).map(({ url }) => new URL(url).pathname);
}
