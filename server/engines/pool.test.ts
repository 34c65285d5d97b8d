import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import type { Progress } from '../protocol/schema.ts';
import { fakeHost } from '../testing/harness.ts';
import type { JobSpec } from './job-spec.ts';
import type { Memory } from './memory.ts';
import { EnginePool } from './pool.ts';

const log = pino({ level: 'silent' });
let directory: string;
let pool: EnginePool;
const open = (main: number) =>
	new EnginePool({ budget: Promise.resolve({ main, device: 1e10 }), log, host: fakeHost, patience: 300 });

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
	need: Memory = { main: 0, device: 0 }
) {
	const clip = join(directory, script);
	await writeFile(clip, script);
	const spec: JobSpec = {
		...{ clip, directory, name: 'matte', engine: 'classic' },
		keyframes: [{ time: 0, mask: { width: 1, height: 1, counts: [0, 1] } }],
		...{ options: defaultMatteOptions, outputs: ['alpha'] }
	};
	return pool.run(spec, need, { signal, onProgress });
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
		const job = run('wait', stop.signal);
		await run('ok');
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

	it('ends what is idle when there is no room', async () => {
		pool = open(1);
		await run('ok');
		expect(pool.processIds).toEqual([]);
	});
});
