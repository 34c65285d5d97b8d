import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import type { EngineId } from '../../models/registry.ts';
import type { Progress } from '../protocol/schema.ts';
import { fakeHost } from '../testing/harness.ts';
import type { JobSpec } from './job-spec.ts';
import type { Memory } from './memory.ts';
import { EnginePool } from './pool.ts';

const log = pino({ level: 'silent' });
let directory: string;
let pool: EnginePool;
const open = (main: number, logger = log) =>
	new EnginePool({
		budget: Promise.resolve({ main, device: 1e10 }),
		log: logger,
		host: fakeHost,
		patience: 300
	});

beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), 'splazmatte-pool-'));
	pool = open(1e12);
});
afterEach(async () => {
	pool.close();
	await rm(directory, { recursive: true });
});

/** A job that does what the script says (`fake-host.ts`). */
async function run(
	script: string,
	signal: AbortSignal = new AbortController().signal,
	onProgress: (progress: Progress) => void = () => {},
	{ engine = 'classic', need = { main: 0, device: 0 } }: { engine?: EngineId; need?: Memory } = {}
) {
	const clip = join(directory, script);
	await writeFile(clip, script);
	const spec: JobSpec = {
		...{ clip, directory, name: 'matte', engine },
		keyframes: [{ time: 0, mask: { width: 1, height: 1, counts: [0, 1] } }],
		...{ options: defaultMatteOptions, outputs: ['alpha'] }
	};
	return pool.run({ kind: 'matte', spec }, need, { signal, onProgress });
}

/** Bytes that the processes hold that this one has started, as Linux tells. */
function treeMemory(): number {
	const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
	return children.reduce((sum, pid) => {
		const [, kibibytes = 0] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
		return sum + 1024 * Number(kibibytes);
	}, 0);
}

describe('the pool of engines', () => {
	it('runs jobs in a process that stays', async () => {
		const seen: Progress[] = [];
		const outcome = await run('ok', undefined, (progress) => seen.push(progress));
		expect(outcome).toMatchObject({ results: [{ kind: 'alpha' }], record: { frames: 10 } });
		expect(seen.at(-1)).toEqual({ stage: 'matte', done: 10, total: 10 });
		const [first] = pool.processIds;
		await run('ok');
		expect(pool.processIds).toEqual([first]);
	});

	it('starts a new process after one has died', async () => {
		await expect(run('die')).rejects.toMatchObject({ code: 'engine-died' });
		expect(pool.processIds).toEqual([]);
		await run('ok');
	});

	it('stops a job that hears, and keeps its process', async () => {
		const stop = new AbortController();
		let begin!: () => void;
		const begun = new Promise<void>((resolve) => (begin = resolve));
		const job = run('wait', stop.signal, begin);
		await Promise.all([begun, run('ok')]);
		stop.abort();
		await expect(job).rejects.toMatchObject({ name: 'AbortError' });
		expect(pool.processIds).toHaveLength(2);
	});

	it('ends the process of a job that does not', async () => {
		const stop = new AbortController();
		const job = run('hang', stop.signal, () => stop.abort());
		await expect(job).rejects.toMatchObject({ name: 'AbortError' });
		expect(pool.processIds).toEqual([]);
	});

	it('refuses what there will never be memory for', async () => {
		const need = { main: 2e12, device: 0 };
		const error = { code: 'memory-short', params: { gigabytes: 2000, limit: 1000 } };
		await expect(run('ok', undefined, undefined, { need })).rejects.toMatchObject(error);
		const device = { main: 0, device: 12e9 };
		await expect(run('ok', undefined, undefined, { need: device })).rejects.toMatchObject({
			params: { gigabytes: 12, limit: 10 }
		});
		expect(pool.processIds).toEqual([]);
	});

	it('ends the engine unused for longest when another needs its memory', async () => {
		const third = { need: { main: 0, device: 4e9 } };
		await run('ok', undefined, undefined, { ...third, engine: 'classic' });
		await run('ok', undefined, undefined, { ...third, engine: 'matanyone' });
		const [, second] = pool.processIds;
		await run('ok', undefined, undefined, { ...third, engine: 'matanyone2' });
		expect(pool.processIds).toHaveLength(2);
		expect(pool.processIds[0]).toBe(second);
	});

	it('lets a job wait for the memory of one that runs', async () => {
		const large = { need: { main: 0, device: 6e9 } };
		const stop = new AbortController();
		const begun: string[] = [];
		const first = run('wait', stop.signal, () => begun.push('first'), { ...large, engine: 'matanyone' });
		await vi.waitFor(() => expect(begun).toEqual(['first']), 20_000);
		const second = run('ok', undefined, () => begun.push('second'), { ...large, engine: 'matanyone2' });
		const never = new AbortController();
		const third = run('ok', never.signal, undefined, { ...large, engine: 'classic' });
		const aborted = [first, third].map((job) => expect(job).rejects.toMatchObject({ name: 'AbortError' }));
		never.abort();
		stop.abort();
		await Promise.all([...aborted, second]);
		expect(begun.slice(0, 2)).toEqual(['first', 'second']);
	});

	it('does not begin a job that is cancelled while room is made for it', async () => {
		const stop = new AbortController();
		const write = (line: string) => {
			if (line.includes('to make room')) stop.abort();
		};
		pool = open(1e12, pino({ level: 'info' }, { write }));
		const large = { need: { main: 0, device: 6e9 } };
		await run('ok', undefined, undefined, { ...large, engine: 'matanyone' });
		const job = run('ok', stop.signal, undefined, { ...large, engine: 'matanyone2' });
		await expect(job).rejects.toMatchObject({ name: 'AbortError' });
		expect(pool.processIds).toEqual([]);
		await run('ok', undefined, undefined, large);
	});

	it('gives memory back when it ends an engine', async () => {
		const before = treeMemory();
		await run('fill', undefined, undefined, { engine: 'matanyone2' });
		// Processes of the test before may still be ending.
		expect(treeMemory() - before).toBeGreaterThan(100e6);
		await run('ok', undefined, undefined, { need: { main: 1e12, device: 0 } });
		expect(treeMemory() - before).toBeLessThan(100e6);
	});

	const prompt = async (script: string, need: Memory) => {
		const clip = join(directory, script);
		await writeFile(clip, script);
		const spec = { clip, segmenter: 'classic', time: 0, keep: { milliseconds: 0, bytes: 0 } } as const;
		const hooks = { signal: new AbortController().signal, onProgress: () => {} };
		return pool.run({ kind: 'segment', spec }, need, hooks);
	};

	it('ends what answers prompts only when nothing else that is idle makes enough room', async () => {
		const third = { main: 0, device: 4e9 };
		await prompt('ok', third);
		const [answering] = pool.processIds;
		await run('ok', undefined, undefined, { need: third, engine: 'matanyone' });
		await run('ok', undefined, undefined, { need: third, engine: 'matanyone2' });
		expect(pool.processIds).toHaveLength(2);
		expect(pool.processIds[0]).toBe(answering);
		await run('ok', undefined, undefined, { need: { main: 0, device: 1e10 }, engine: 'matanyone' });
		expect(pool.processIds).not.toContain(answering);
		expect(pool.hasLoaded('segment classic')).toBe(false);
	});

	it('counts as loaded what has answered once, not what loads or failed to', async () => {
		const nothing = { main: 0, device: 0 };
		const failing = prompt('refuse', nothing);
		await vi.waitFor(() => expect(pool.processIds).toHaveLength(1));
		expect(pool.hasLoaded('segment classic')).toBe(false);
		await expect(failing).rejects.toMatchObject({ code: 'mask-empty' });
		expect(pool.hasLoaded('segment classic')).toBe(false);
		await prompt('ok', nothing);
		expect(pool.hasLoaded('segment classic')).toBe(true);
	});

	it('answers prompts beside a job, and refuses them at once when that holds the memory', async () => {
		const stop = new AbortController();
		let begin!: () => void;
		const begun = new Promise<void>((resolve) => (begin = resolve));
		const large = { need: { main: 0, device: 6e9 } };
		const job = run('wait', stop.signal, begin, { ...large, engine: 'matanyone' });
		await begun;
		await prompt('ok', { main: 0, device: 4e9 });
		// What it names is the memory that is short, not the other.
		await expect(prompt('ok', { main: 1e9, device: 5e9 })).rejects.toMatchObject({
			...{ code: 'memory-busy', params: { gigabytes: 5 } }
		});
		const aborted = expect(job).rejects.toMatchObject({ name: 'AbortError' });
		stop.abort();
		await aborted;
		await prompt('ok', { main: 0, device: 5e9 });
	});

	it('ends what is idle when there is no room', async () => {
		pool = open(1);
		await run('ok');
		expect(pool.processIds).toEqual([]);
	});
});
