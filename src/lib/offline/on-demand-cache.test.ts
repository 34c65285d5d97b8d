import { beforeEach, expect, it, vi } from 'vitest';
import { dropOutdated, findOnDemand, keepUsed, onDemandCache } from './on-demand-cache.ts';

/** As much of the Cache API as is used. */
class FakeCaches {
	readonly all = new Map<string, Map<string, Response>>();

	has = async (name: string) => this.all.has(name);
	match = async (path: string, { cacheName }: { cacheName: string }) => this.all.get(cacheName)?.get(path);
	open = async (name: string) => {
		const files = this.all.get(name) ?? new Map<string, Response>();
		this.all.set(name, files);
		return {
			keys: async () => [...files.keys()].map((path) => new Request(`https://matte.example${path}`)),
			put: async (path: string, answer: Response) => void files.set(path, answer),
			delete: async (path: string) => files.delete(path)
		};
	};
}

const old = { '/runtime-1.wasm': 'sha256-a' };
const files = { '/runtime-2.wasm': 'sha256-b', '/same.mjs': 'sha256-c' };

let fake: FakeCaches;
let caches: CacheStorage;
const load = vi.fn<typeof fetch>(async (path) => new Response(`bytes of ${String(path)}`));

beforeEach(() => {
	fake = new FakeCaches();
	caches = fake as unknown as CacheStorage;
	load.mockClear();
});

const kept = () => [...(fake.all.get(onDemandCache)?.keys() ?? [])];

it('keeps a file when it is first asked for, checked by its digest', async () => {
	const text = async () => (await findOnDemand('/same.mjs', files, caches, load))!.clone().text();
	expect([await text(), await text()]).toEqual(['bytes of /same.mjs', 'bytes of /same.mjs']);
	expect(load.mock.calls).toEqual([['/same.mjs', { integrity: 'sha256-c' }]]);
	expect(await findOnDemand('/other.js', files, caches, load)).toBeUndefined();
});

it('gets a new version’s files only where an earlier version’s were used', async () => {
	await keepUsed(files, caches, load);
	expect(kept()).toEqual([]);
	await findOnDemand('/runtime-1.wasm', old, caches, load);
	await keepUsed(files, caches, load);
	expect(kept()).toEqual(['/runtime-1.wasm', '/runtime-2.wasm', '/same.mjs']);
	await dropOutdated(files, caches);
	expect(kept()).toEqual(['/runtime-2.wasm', '/same.mjs']);
});

it('says which file cannot be had', async () => {
	await findOnDemand('/runtime-1.wasm', old, caches, load);
	const broken = async () => new Response('', { status: 404 });
	await expect(keepUsed(files, caches, broken)).rejects.toThrow('/runtime-2.wasm: 404');
});
