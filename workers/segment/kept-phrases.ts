const cacheName = 'phrases';

/** Phrases that are kept at most, 32 kB each; those kept first leave first. */
const LIMIT = 512;

/** Phrases that were read before, kept by the weights that read them, so that they are known without a server. */
export class KeptPhrases {
	/** @param storage undefined where the browser keeps nothing for the page, as in insecure contexts */
	constructor(
		private readonly storage: Pick<CacheStorage, 'open'> | undefined = globalThis.caches,
		private readonly limit = LIMIT
	) {}

	/** The tokens of a phrase; undefined where it is not kept. */
	async get(weights: string, phrase: string): Promise<Float32Array | undefined> {
		const answer = await (await this.#open())?.match(urlOf(weights, phrase));
		return answer && new Float32Array(await answer.arrayBuffer());
	}

	/** Keeps a phrase where there is room; it is no loss where there is none. */
	async put(weights: string, phrase: string, tokens: Float32Array): Promise<void> {
		const cache = await this.#open();
		if (!cache) return;
		try {
			await cache.put(urlOf(weights, phrase), new Response(new Float32Array(tokens)));
			const keys = await cache.keys();
			const excess = keys.slice(0, Math.max(0, keys.length - this.limit));
			await Promise.all(excess.map((key) => cache.delete(key)));
		} catch (error) {
			if (!(error instanceof DOMException)) throw error;
		}
	}

	async #open(): Promise<Cache | undefined> {
		try {
			return await this.storage?.open(cacheName);
		} catch (error) {
			if (error instanceof DOMException) return undefined;
			throw error;
		}
	}
}

/** Never asked of any server. */
function urlOf(weights: string, phrase: string): string {
	return `/phrases/${weights}?words=${encodeURIComponent(phrase)}`;
}
