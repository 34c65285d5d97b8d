import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheName, findFile, keepProblem, keepShell, unusedCaches, type Shell } from './shell-cache.ts';

const origin = 'https://matte.example';

/** As much of the Cache API as is used. */
class FakeCache {
	readonly files = new Map<string, Response>();
	/** What `put` fails with. */
	failure: Error | undefined;

	keys = async () => [...this.files.keys()].map((path) => new Request(origin + path));
	put = async (path: string, answer: Response) => {
		if (this.failure) throw this.failure;
		this.files.set(path, answer);
	};
}

class FakeCaches {
	readonly all = new Map<string, FakeCache>();

	open = async (name: string) => {
		const cache = this.all.get(name) ?? new FakeCache();
		this.all.set(name, cache);
		return cache;
	};
	match = async (path: string, { cacheName: only }: { cacheName?: string } = {}) => {
		const searched = [...this.all].filter(([name]) => only === undefined || name === only);
		return searched.map(([, { files }]) => files.get(path)).find(Boolean);
	};
}

const shell: Shell = { version: '2', files: { '/': 'sha256-a', '/_app/immutable/b.js': 'sha256-b' } };

let fake: FakeCaches;
let caches: CacheStorage;

beforeEach(() => {
	fake = new FakeCaches();
	caches = fake as unknown as CacheStorage;
});

const answering = () => vi.fn<typeof fetch>(async (path) => new Response(`bytes of ${String(path)}`));

describe('keeping a version', () => {
	it('gets every file, checked by its digest; only names with a digest may come from the browser cache', async () => {
		const load = answering();
		await keepShell(shell, caches, load);
		expect(load.mock.calls).toEqual([
			['/', { integrity: 'sha256-a', cache: 'no-cache' }],
			['/_app/immutable/b.js', { integrity: 'sha256-b', cache: 'default' }]
		]);
		expect(await (await findFile('/', shell, caches))!.text()).toBe('bytes of /');
	});

	it('fails when one file cannot be had, and goes on from there the next time', async () => {
		const broken = vi.fn<typeof fetch>(
			async (path) => new Response('', { status: path === '/' ? 200 : 404 })
		);
		await expect(keepShell(shell, caches, broken)).rejects.toThrow('/_app/immutable/b.js: 404');
		const load = answering();
		await keepShell(shell, caches, load);
		expect(load).toHaveBeenCalledTimes(1);
		await keepShell(shell, caches, load);
		expect(load).toHaveBeenCalledTimes(1);
	});

	it('tells a full disk from a server that is away', async () => {
		(await fake.open(cacheName('2'))).failure = new DOMException('', 'QuotaExceededError');
		const full = await keepShell(shell, caches, answering()).catch(keepProblem);
		expect(full).toBe('storage-full');
		const away = await keepShell(shell, caches, () => Promise.reject(new TypeError('fetch'))).catch(
			keepProblem
		);
		expect(away).toBe('unreachable');
	});
});

describe('finding a file', () => {
	it('takes its own from its own version, never a half-kept one of another', async () => {
		(await fake.open(cacheName('3'))).files.set('/', new Response('newer'));
		expect(await findFile('/', shell, caches)).toBeUndefined();
		(await fake.open(cacheName('2'))).files.set('/', new Response('own'));
		expect(await (await findFile('/', shell, caches))!.text()).toBe('own');
	});

	it('finds what a page of an earlier version still asks for', async () => {
		(await fake.open(cacheName('1'))).files.set('/_app/immutable/old.js', new Response('old'));
		expect(await (await findFile('/_app/immutable/old.js', shell, caches))!.text()).toBe('old');
	});
});

describe('removing versions', () => {
	const names = ['shell-1', 'shell-2', 'shell-3', 'models'];

	it('keeps its own, those of open pages, and what is not a version', () => {
		expect(unusedCaches(names, '2', 1, ['shell-2'])).toEqual(['shell-1', 'shell-3']);
		expect(unusedCaches(names, '2', 2, ['shell-2', 'shell-1'])).toEqual(['shell-3']);
		expect(unusedCaches(names, '2', 0, [])).toEqual(['shell-1', 'shell-3']);
	});

	it('waits while a page is open that does not say its version yet', () => {
		expect(unusedCaches(names, '2', 2, ['shell-2', 'session-7'])).toEqual([]);
	});
});
