import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../protocol/routes.ts';
import type { Health } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';
import type { RuntimeFacts } from './runtime-probe.ts';

const facts: RuntimeFacts = {
	...{ provider: 'cpu', reasons: [] },
	problem: { code: 'provider-failed', params: { provider: 'cpu', problem: 'the runtime ended with 1' } }
};

let server: TestServer;
beforeAll(async () => {
	server = await TestServer.start({}, { runtime: () => Promise.resolve(facts) });
});
afterAll(() => server.stop());

it('runs what needs no network where networks do not run', async () => {
	const { engines } = await server.json<Health>(routes.health);
	const problems = Object.fromEntries(engines.map(({ id, problem }) => [id, problem?.code]));
	const absent = 'model-absent';
	expect(problems).toEqual({
		...{ classic: undefined, matanyone2: absent, matanyone: absent, 'matanyone2-web': absent },
		videomama: absent
	});
	const clip = await server.clip();
	const { job } = await server.submit(clip);
	await server.reach(job.id, 'done');
	const prompts = [{ kind: 'point', x: 1, y: 1, positive: true }];
	const body = JSON.stringify({ clip, time: 0, prompts });
	expect(await server.json(routes.segment, { method: 'POST', body })).toMatchObject({ segmenter: 'classic' });
});
