/** What the browser keeps for the page, in bytes, and whether it may drop it when it needs the room. */
export interface Usage {
	readonly usage: number;
	readonly quota: number;
	readonly persisted: boolean;
}

/** Undefined where the browser does not tell, as in insecure contexts. */
export async function readUsage(
	storage: Pick<StorageManager, 'estimate' | 'persisted'> | undefined = globalThis.navigator?.storage
): Promise<Usage | undefined> {
	if (!storage) return undefined;
	const [{ usage, quota }, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
	return usage === undefined || quota === undefined ? undefined : { usage, quota, persisted };
}

/** Asks the browser never to drop the page's data of itself. Resolves to whether it agreed. */
export async function askToPersist(
	storage: Pick<StorageManager, 'persist'> | undefined = globalThis.navigator?.storage
): Promise<boolean> {
	return (await storage?.persist()) ?? false;
}
