import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeMask } from '../../models/mask.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import { writeSmallVideoMaMa } from '../../models/videomama/small-checkpoint.fixture.node.ts';
import { makeClip } from '../media/fixtures.ts';
import { openClip } from '../media/index.ts';
import { routes } from '../protocol/routes.ts';
import type { Job, JobRequest, Progress } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

const size = { width: 64, height: 48 };
const frames = 7;
/** Windows begin at frames 0, 2 and 4. */
const videomama = { ...defaultVideoMaMaOptions, maxSize: 128, window: 3, overlap: 1 };

let folder: string;
let order: string;
let server: TestServer;
let clip: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-videomama-'));
	order = join(folder, 'order');
	vi.stubEnv('MORTAL_HOST', order);
	await writeSmallVideoMaMa(join(folder, 'weights', 'videomama'));
	const engineHost = new URL('../testing/mortal-host.ts', import.meta.url);
	const real = { engineHost, probe: undefined, patience: 30_000 };
	server = await TestServer.start({ weights: join(folder, 'weights') }, real);
	const times = Array.from({ length: frames }, (_, i) => i * 40);
	const file = await readFile(await makeClip(folder, 'clip.mp4', { ...size, timescale: 1000, times }));
	const location = await server.begin(file.length, { filename: 'clip.mp4' });
	clip = (await server.append(location, 0, file)).headers.get('Upload-Clip')!;
});
afterAll(async () => {
	await server.stop();
	vi.unstubAllEnvs();
	await rm(folder, { recursive: true });
});

/** The window in which the next process dies. */
const dieIn = (window: number) => writeFile(order, String(window));

function square(left = 16) {
	const data = new Uint8Array(size.width * size.height);
	for (let y = 12; y < 36; y++) data.fill(255, y * size.width + left, y * size.width + left + 24);
	return encodeMask({ ...size, data });
}

function submit(changes: Partial<JobRequest> = {}) {
	return server.submit(clip, {
		keyframes: [{ time: 0.12, mask: square() }],
		engine: 'videomama',
		options: { ...defaultMatteOptions, videomama },
		...changes
	});
}

const retry = (id: string) => server.json<Job>(routes.retry(id), { method: 'POST' });
const inSession = (id: string, ...path: string[]) => join(server.workspace, 'sessions', id, ...path);
const unfinished = (id: string) => readdir(inSession(id, 'unfinished'));

/** What is told of a job's progress meanwhile. */
async function progressOf(id: string, work: () => Promise<Job>): Promise<{ job: Job; seen: Progress[] }> {
	const events = await server.events();
	const job = await work();
	events.close();
	const seen = events.events.flatMap((event) =>
		event.type === 'job' && event.job.id === id && event.job.progress ? [event.job.progress] : []
	);
	return { job, seen };
}

/** The pictures of a job's alpha. */
async function alphas(id: string): Promise<Buffer[]> {
	const reader = await openClip(inSession(id, 'outputs', 'matte_alpha.mp4'));
	const pictures: Buffer[] = [];
	for await (const { data } of reader.frames()) pictures.push(Buffer.from(data));
	reader.close();
	return pictures;
}

describe('VideoMaMa on the server', { timeout: 240_000 }, () => {
	it('goes on at the last whole window when its engine was killed, as if nothing had happened', async () => {
		await dieIn(3);
		const { job } = await submit();
		const failed = await server.reach(job.id, 'failed', 'done');
		expect(failed).toMatchObject({ state: 'failed', error: { code: 'engine-died' }, kept: 4 });
		expect(await readdir(inSession(job.id, 'outputs'))).toEqual([]);
		expect(await unfinished(job.id)).toEqual(
			expect.arrayContaining(['tracked.masks', '000000.alpha', '000003.alpha', '000004.checkpoint'])
		);

		const again = await progressOf(job.id, async () => {
			expect(await retry(job.id)).toMatchObject({ kept: 4 });
			return server.reach(job.id, 'done', 'failed');
		});
		expect(again.job).toMatchObject({
			state: 'done',
			results: [{ kind: 'alpha' }],
			record: {
				...{ engine: 'videomama', provider: 'cpu', precision: 'float32', segmenter: 'classic' },
				...{ frames, keptFrames: 4, workWidth: 64, workHeight: 64 }
			}
		});
		expect(again.job.kept).toBeUndefined();
		expect(again.seen.map(({ stage }) => stage)).not.toContain('track');
		await vi.waitFor(() => expect(unfinished(job.id)).rejects.toMatchObject({ code: 'ENOENT' }), 10_000);

		const { job: other } = await submit({ outputs: ['alpha', 'foreground'] });
		const whole = await progressOf(other.id, () => server.reach(other.id, 'done', 'failed'));
		expect(whole.job.record).not.toHaveProperty('keptFrames');
		expect(whole.seen.flatMap(({ step }) => step?.windows ?? [])).toContain(3);
		const pictures = await alphas(job.id);
		expect(pictures).toHaveLength(frames);
		expect(pictures).toEqual(await alphas(other.id));
	});

	it('goes on when it was cancelled, the server stopped, and the same is asked for again; given masks of every frame are not tracked', async () => {
		const keyframes = Array.from({ length: frames }, (_, i) => ({ time: i * 0.04, mask: square(20 + i) }));
		const { job } = await submit({ keyframes });
		const events = await server.events();
		await events.find((event) => event.type === 'job' && event.job.progress?.step?.window === 2);
		const stopped = events.find(
			(event) => event.type === 'job' && event.job.state === 'cancelled' && event.job.kept !== undefined
		);
		await server.fetch(routes.job(job.id), { method: 'DELETE' });
		await stopped;
		events.close();
		server = await server.restart();
		const { kept } = await server.json<Job>(routes.job(job.id));
		expect(kept).toBeGreaterThan(0);
		const { job: done, seen } = await progressOf(job.id, async () => {
			expect(await submit({ keyframes })).toMatchObject({ status: 200, job: { id: job.id, kept } });
			return server.reach(job.id, 'done', 'failed');
		});
		expect(done.record).toMatchObject({ frames, keptFrames: kept });
		expect(seen.map(({ stage }) => stage)).not.toContain('track');
	});
});
