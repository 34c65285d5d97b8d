import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SegmentRequest } from '../protocol/prompts.ts';
import { routes } from '../protocol/routes.ts';
import type { Health, Job } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

let server: TestServer;
let clip: string;
beforeAll(async () => {
	server = await TestServer.start();
	clip = await server.clip();
});
afterAll(() => server.stop());

const click = [{ kind: 'point', x: 1, y: 1, positive: true }] as const;
const ask = (changes: Partial<SegmentRequest> = {}, signal?: AbortSignal) => {
	const request: SegmentRequest = {
		clip,
		time: 0.3,
		...(!changes.concept && { prompts: [...click] }),
		...changes
	};
	return server.fetch(routes.segment, { method: 'POST', body: JSON.stringify(request), signal });
};

describe('prompts on a frame', () => {
	it('are answered, also when nothing is found, by the classic segmenter where SAM 3 is not here', async () => {
		const answer = await ask();
		expect(answer.status).toBe(200);
		expect(await answer.json()).toMatchObject({
			...{ segmenter: 'classic', provider: 'fake', frame: 3, candidates: [] }
		});
		const { segmenters } = await server.json<Health>(routes.health);
		expect(segmenters).toMatchObject([
			{ id: 'classic', available: true, concepts: false, loaded: true },
			{ id: 'sam3', available: false, concepts: true, loaded: false, problem: { code: 'model-absent' } }
		]);
	});

	const mask = { width: 4, height: 2, counts: [1, 2, 5] };
	const box = { x: 1, y: 1, width: 2, height: 1 };
	it.each<[string, Partial<SegmentRequest>, number, string]>([
		['on a clip that is not there', { clip: 'f'.repeat(64) }, 404, 'clip-missing'],
		['behind the end', { time: 1.5 }, 422, 'keyframe-missing'],
		['outside of the picture', { prompts: [{ ...click[0], x: 5 }] }, 422, 'prompt-outside'],
		['that say nothing', { prompts: [] }, 422, 'prompt-empty'],
		['with a box of no size', { prompts: [{ kind: 'box', ...box, width: 0 }] }, 422, 'box-empty'],
		['with a mask of another size', { mask: { ...mask, width: 2, height: 4 } }, 422, 'mask-size'],
		['with an empty mask', { mask: { ...mask, counts: [8] } }, 422, 'mask-empty'],
		['with a mask that the segmenter cannot refine', { mask }, 422, 'prompt-unknown'],
		['with words that only SAM 3 reads', { concept: { words: 'the dog' } }, 404, 'model-absent'],
		[
			'with words for another',
			{ concept: { words: 'the dog' }, segmenter: 'classic' },
			422,
			'prompt-unknown'
		],
		['with no words', { concept: { words: ' ' }, segmenter: 'classic' }, 422, 'words-empty'],
		[
			'with an example of no size',
			{ concept: { examples: [{ ...box, height: 0, positive: true }] }, segmenter: 'classic' },
			...([422, 'box-empty'] as const)
		],
		['for a segmenter that is not here', { segmenter: 'sam3' }, 404, 'model-absent'],
		[
			'with a stroke without points',
			{ prompts: [...click, { kind: 'stroke', points: [], radius: 1, positive: false }] },
			...([400, 'request-invalid'] as const)
		],
		['of two kinds', { prompts: [...click], concept: { words: 'dog' } }, 400, 'request-invalid'],
		['on no frame', { time: -1 }, 400, 'request-invalid']
	])('%s are refused', async (_, changes, status, code) => {
		const answer = await ask(changes);
		expect(await answer.json()).toMatchObject({ code });
		expect(answer.status).toBe(status);
	});

	it('are answered while a job runs', async () => {
		const { job } = await server.submit(await server.clip('wait'));
		await server.reach(job.id, 'running');
		expect((await ask()).status).toBe(200);
		expect((await server.json<Job>(routes.job(job.id))).state).toBe('running');
		await server.fetch(routes.job(job.id), { method: 'DELETE' });
	});

	it('are answered by a new process when the one before has died', async () => {
		const died = await ask({ clip: await server.clip('die') });
		expect(await died.json()).toMatchObject({ code: 'engine-died' });
		expect((await ask()).status).toBe(200);
	});

	it('give way to the asker’s newest, and end when nobody waits for the answer', async () => {
		const leave = new AbortController();
		const hash = await server.clip('wait');
		const left = expect(ask({ clip: hash }, leave.signal)).rejects.toThrow();
		await vi.waitFor(() => access(join(server.workspace, 'clips', `${hash}.mp4.asked`)), 20_000);
		const other = ask({ asker: 'you' });
		const [one, two] = [ask({ asker: 'me' }), ask({ asker: 'me' })];
		const superseded = await Promise.race([one, two]);
		expect(superseded.status).toBe(409);
		expect(await superseded.json()).toMatchObject({ code: 'prompt-superseded' });
		leave.abort();
		await left;
		const statuses = (await Promise.all([other, one, two])).map(({ status }) => status);
		expect(statuses.sort()).toEqual([200, 200, 409]);
	});
});
