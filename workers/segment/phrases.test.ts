import { beforeEach, describe, expect, it, vi } from 'vitest';
import { modelError } from '../../models/errors.ts';
import type { WebRuntime } from '../../models/runtime.web.ts';
import { LIKE_THESE } from '../../models/sam3/phrases.ts';
import { appError } from '../../server/protocol/errors.ts';
import { KeptPhrases } from './kept-phrases.ts';
import { openPhrases, RemotePhrases } from './phrases.ts';

const weights = 'a'.repeat(64);
const tokens = Float32Array.of(1, 2, 3);

/** Cache Storage in memory. */
function fakeCaches() {
	const kept = new Map<string, ArrayBuffer>();
	const cache = {
		match: async (url: string) => (kept.has(url) ? new Response(kept.get(url)) : undefined),
		put: async (url: string, answer: Response) => void kept.set(url, await answer.arrayBuffer()),
		keys: async () => [...kept.keys()],
		delete: async (url: string) => kept.delete(url)
	};
	return { kept, open: async () => cache as unknown as Cache };
}

let caches: ReturnType<typeof fakeCaches>;
const ask = vi.fn(async (_words: string) => ({ weights, tokens }));
const local = {
	check: () => {},
	tokens: vi.fn(async () => Float32Array.of(4)),
	dispose: vi.fn(async () => {})
};
const openLocal = vi.fn<() => Promise<typeof local | undefined>>(async () => undefined);
const reader = () =>
	new RemotePhrases(weights, { known: new Map(), kept: new KeptPhrases(caches), ask, openLocal });

beforeEach(() => {
	caches = fakeCaches();
	vi.resetAllMocks();
	ask.mockResolvedValue({ weights, tokens });
	openLocal.mockResolvedValue(undefined);
	local.tokens.mockResolvedValue(Float32Array.of(4));
});

describe('reading phrases in a browser', () => {
	it('asks the server once for each phrase, and needs none for it then', async () => {
		const both = reader();
		expect(await Promise.all([both.tokens('A  Dog'), both.tokens('a dog ')])).toEqual([tokens, tokens]);
		expect(ask.mock.calls).toEqual([['a dog']]);
		ask.mockRejectedValue(appError('server-away'));
		expect(await reader().tokens('a dog')).toEqual(tokens);
		await expect(reader().tokens('a cat')).rejects.toMatchObject({ code: 'words-offline' });
	});

	it('keeps phrases apart by the weights that read them, and so many only', async () => {
		const kept = new KeptPhrases(caches, 2);
		for (const phrase of ['one', 'two', 'three']) await kept.put(weights, phrase, tokens);
		expect(await kept.get(weights, 'one')).toBeUndefined();
		expect(await kept.get(weights, 'three')).toEqual(tokens);
		expect(await kept.get('b'.repeat(64), 'three')).toBeUndefined();
		const nowhere = new KeptPhrases(undefined);
		await nowhere.put(weights, 'one', tokens);
		expect(await nowhere.get(weights, 'one')).toBeUndefined();
	});

	it('tells what is wrong with the words, without asking anyone else', async () => {
		expect(() => reader().check('  ')).toThrow(expect.objectContaining({ code: 'words-empty' }));
		await expect(reader().tokens(' ')).rejects.toMatchObject({ code: 'words-empty' });
		ask.mockRejectedValue(modelError('words-long', { tokens: 50, limit: 30 }));
		await expect(reader().tokens('word '.repeat(50))).rejects.toMatchObject({ code: 'words-long' });
		expect(openLocal).not.toHaveBeenCalled();
	});

	it('reads them itself where the server is away or has other weights, once it has what that takes', async () => {
		ask.mockRejectedValue(appError('server-away'));
		const phrases = reader();
		await expect(phrases.tokens('a dog')).rejects.toMatchObject({ code: 'words-offline' });
		openLocal.mockResolvedValue(local);
		expect(await phrases.tokens('a dog')).toEqual(Float32Array.of(4));
		ask.mockResolvedValue({ weights: 'b'.repeat(64), tokens });
		expect(await phrases.tokens('a cat')).toEqual(Float32Array.of(4));
		expect(openLocal).toHaveBeenCalledTimes(2);
		openLocal.mockResolvedValue(undefined);
		await expect(reader().tokens('a bird')).rejects.toMatchObject({ code: 'words-offline' });
		await phrases.dispose();
		expect(local.dispose).toHaveBeenCalled();
	});

	it('knows what stands for examples alone, though the server is away', async () => {
		const away = vi.fn().mockRejectedValue(new TypeError('network error'));
		vi.stubGlobal('fetch', away);
		const constants = { noMemory: [], noObjectPointer: [], likeThese: [5] };
		const phrases = openPhrases({ weights, constants }, {} as WebRuntime);
		expect(await phrases.tokens(LIKE_THESE)).toEqual(Float32Array.of(5));
		expect(away).not.toHaveBeenCalled();
		await expect(phrases.tokens('a dog')).rejects.toMatchObject({ code: 'words-offline' });
		vi.unstubAllGlobals();
	});

	it('tells what the server says where that is there, refuses, and nothing here reads words', async () => {
		for (const code of ['memory-busy', 'memory-short', 'model-damaged', 'engine-died'] as const) {
			ask.mockRejectedValue(appError(code));
			await expect(reader().tokens('a dog')).rejects.toMatchObject({ code });
			openLocal.mockResolvedValueOnce(local);
			expect(await reader().tokens('a dog')).toEqual(Float32Array.of(4));
		}
		ask.mockRejectedValue(new TypeError('a defect'));
		await expect(reader().tokens('a dog')).rejects.toThrow('a defect');
	});
});
