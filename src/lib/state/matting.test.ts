import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Results } from '$lib/storage/results.ts';
import { someHash, someJob } from '$lib/testing/fakes.ts';
import { appError } from '$protocol/errors.ts';
import type { Job, JobRequest } from '$protocol/schema.ts';
import type { MatteOutcome } from '$workers/matte/client.ts';
import { version } from '../../../package.json';
import { Jobs } from './jobs.svelte.ts';
import { KeptResults } from './kept-results.svelte.ts';
import { Matting } from './matting.ts';
import { resultKey } from './result-key.ts';
import type { Session } from './session.svelte.ts';

const request: JobRequest = {
	clip: someHash,
	name: 'clip.mp4',
	keyframes: [{ time: 0, mask: { width: 4, height: 2, counts: [3, 2, 3] } }],
	engine: 'classic',
	options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
	outputs: ['alpha', 'foreground', 'prores']
};
const made: MatteOutcome = {
	results: (['alpha', 'foreground'] as const).map((kind) => ({
		...{ kind, file: `clip_${kind}.mp4`, mime: 'video/mp4', bytes: kind.length },
		blob: new Blob([kind])
	})),
	notices: [],
	record: { provider: 'browser' }
};

let number = 0;
function setup() {
	const api = {
		jobs: async () => [],
		createJob: vi.fn(async () => someJob({ id: 'server' })),
		cancelJob: vi.fn(async () => {}),
		retryJob: async () => {},
		output: vi.fn()
	};
	const ended = vi.fn<(job: Job) => void>();
	const jobs = new Jobs(api, ended);
	const kept = new KeptResults(new Results(openDatabase(`matting-${number++}`)));
	const connection = { online: vi.fn(async () => {}), suspect: vi.fn(), health: undefined };
	const run = vi.fn(async () => made);
	const tell = vi.fn();
	const keptWeights = vi.fn(async () => 'f'.repeat(64));
	const matting = new Matting({ api, jobs, kept, connection, tell, run, keptWeights });
	const session = {
		prompting: { settled: async () => {} },
		request: async (engine = request.engine) => ({ ...request, engine }),
		file: new Blob(['clip']),
		jobs: [] as readonly string[],
		addJob(id: string) {
			this.jobs = [...this.jobs, id];
		},
		wanted: undefined as JobRequest | undefined,
		upload: { state: { kind: 'done' } },
		...{ lockedOut: false, closed: false },
		sendAgain: vi.fn(async () => {})
	};
	return { ...{ api, ended, jobs, kept, connection, run, tell, matting, session } };
}
const open = (session: ReturnType<typeof setup>['session']) => session as unknown as Session;

describe('Matting', () => {
	it('asks the server, and the next time nobody', async () => {
		const { api, kept, matting, session } = setup();
		expect((await matting.onServer(open(session))).id).toBe('server');
		const key = await resultKey(request, { version, weights: 'f'.repeat(64) });
		await kept.keep(someJob({ id: 'elsewhere', key, state: 'done' }), new Map());
		expect((await matting.onServer(open(session))).id).toBe('elsewhere');
		expect(api.createJob).toHaveBeenCalledOnce();
		expect(session.jobs).toEqual(['server', 'elsewhere']);
	});

	it('computes in the browser what a browser can write, keeps it, and does not do it twice', async () => {
		const { ended, jobs, kept, run, matting, session } = setup();
		const job = await matting.here(open(session), 'classic');
		expect(job).toMatchObject({ state: 'running', engine: 'classic', outputs: ['alpha', 'foreground'] });
		expect(session.jobs).toEqual([job.id]);
		await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
		expect(jobs.get(job.id)).toMatchObject({ state: 'done', record: { provider: 'browser' } });
		expect(kept.get(job.key)?.job.state).toBe('done');
		expect(await (await matting.files(jobs.get(job.id)!).get('alpha')).text()).toBe('alpha');
		expect((await matting.here(open(session), 'classic')).state).toBe('done');
		expect(run).toHaveBeenCalledOnce();
		// The list of a server that knows nothing of it takes nothing away.
		await jobs.reload();
		expect(jobs.get(job.id)).toBeDefined();
	});

	it('forgets only what can be had again', async () => {
		const { ended, jobs, kept, matting, session } = setup();
		const keep = vi.spyOn(kept, 'keep').mockRejectedValue(appError('storage-full'));
		const { id } = await matting.here(open(session), 'classic');
		expect(matting.unsaved).toBe(true);
		await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
		matting.forget();
		expect(matting.unsaved).toBe(true);
		keep.mockRestore();
		await matting.files(jobs.get(id)!).keep();
		expect(matting.unsaved).toBe(false);
		matting.forget();
		expect(await (await matting.files(jobs.get(id)!).get('alpha')).text()).toBe('alpha');
	});

	it('names what a network makes here by the weights that are kept here, while the server is away', async () => {
		const { matting, session } = setup();
		const { key } = await matting.here(open(session), 'matanyone2-web');
		const outputs: JobRequest['outputs'] = ['alpha', 'foreground'];
		const making: JobRequest = { ...request, engine: 'matanyone2-web', outputs };
		expect(key).toBe(await resultKey(making, { version, weights: 'f'.repeat(64) }));
	});

	it('asks the server for what the browser could only write in a format of its own', async () => {
		const { api, kept, matting, session } = setup();
		const key = await resultKey(request, { version, weights: 'f'.repeat(64) });
		const notices: Job['notices'] = [{ code: 'encoded-in-browser', params: { codec: 'vp9' } }];
		await kept.keep(someJob({ id: 'local-1', key, state: 'done', notices }), new Map());
		expect((await matting.onServer(open(session))).id).toBe('server');
		expect(api.createJob).toHaveBeenCalledOnce();
	});

	it('makes again what was made smaller for lack of memory, and keeps the better one', async () => {
		const { api, ended, jobs, kept, run, matting, session } = setup();
		const notices: Job['notices'] = [{ code: 'worked-smaller', params: { width: 4, height: 2 } }];
		run.mockResolvedValueOnce({ ...made, notices });
		const first = await matting.here(open(session), 'classic');
		await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
		expect(kept.get(first.key)?.job.notices).toEqual(notices);
		const again = await matting.here(open(session), 'classic');
		expect(again.state).toBe('running');
		await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(2));
		expect(kept.get(again.key)?.job.notices).toEqual([]);
		expect(jobs.get(again.id)?.notices).toEqual([]);

		const key = await resultKey(request, { version, weights: 'f'.repeat(64) });
		await kept.keep(someJob({ id: 'smaller', key, state: 'done', notices }), new Map());
		expect((await matting.onServer(open(session))).id).toBe('server');
		expect(api.createJob).toHaveBeenCalledOnce();
	});

	it('names what was made by the weights that made it', async () => {
		const { ended, jobs, kept, run, matting, session } = setup();
		const weights = 'e'.repeat(64);
		run.mockResolvedValueOnce({ ...made, record: { ...made.record, weights } });
		const { id, key } = await matting.here(open(session), 'matanyone2-web');
		await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
		const outputs: JobRequest['outputs'] = ['alpha', 'foreground'];
		const making: JobRequest = { ...request, engine: 'matanyone2-web', outputs };
		const right = await resultKey(making, { version, weights });
		expect(jobs.get(id)?.key).toBe(right);
		expect(kept.get(right)?.job.id).toBe(id);
		expect(kept.get(key)).toBeUndefined();
	});

	it('shows what was made even when there is no room to keep it', async () => {
		const { ended, jobs, kept, tell, matting, session } = setup();
		vi.spyOn(kept, 'keep').mockRejectedValue(appError('storage-full'));
		const job = await matting.here(open(session), 'classic');
		await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
		expect(tell).toHaveBeenCalledWith(expect.objectContaining({ code: 'storage-full' }));
		expect(await (await matting.files(jobs.get(job.id)!).get('foreground')).text()).toBe('foreground');
	});

	it('says why a job in the browser failed, and ends one that is cancelled', async () => {
		const { api, ended, jobs, run, matting, session } = setup();
		run.mockRejectedValueOnce(appError('encoder-failed', { codec: 'avc' }));
		const failed = await matting.here(open(session), 'classic');
		await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
		expect(jobs.get(failed.id)).toMatchObject({ state: 'failed', error: { code: 'encoder-failed' } });

		run.mockImplementationOnce((...args: unknown[]) => {
			const { signal } = args[2] as { signal: AbortSignal };
			return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
		});
		const { id } = await matting.here(open(session), 'classic');
		await matting.cancel(id);
		await vi.waitFor(() => expect(jobs.get(id)?.state).toBe('cancelled'));
		expect(api.cancelJob).not.toHaveBeenCalled();
	});

	it('remembers what is wanted, and sends it when the server is back', async () => {
		const { api, connection, matting, session } = setup();
		expect(await matting.later(open(session))).toBeUndefined();
		expect(session.wanted).toEqual(request);
		session.upload.state.kind = 'waiting';
		expect(await matting.sendWanted(open(session))).toBeUndefined();
		session.upload.state.kind = 'done';
		api.createJob.mockRejectedValueOnce(appError('server-away'));
		expect((await matting.sendWanted(open(session)))?.id).toBe('server');
		expect(connection.suspect).toHaveBeenCalledOnce();
		expect(session.wanted).toBeUndefined();
	});

	it('sends a clip again that the server has lost, and keeps the wish', async () => {
		const { api, matting, session } = setup();
		await matting.later(open(session));
		api.createJob.mockRejectedValueOnce(appError('clip-missing'));
		expect(await matting.sendWanted(open(session))).toBeUndefined();
		expect(session.sendAgain).toHaveBeenCalledOnce();
		expect(session.wanted).toEqual(request);
	});
});
