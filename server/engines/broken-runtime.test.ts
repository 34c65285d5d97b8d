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
	expect(problems).toEqual({
		...{ classic: undefined, matanyone2: 'provider-failed', matanyone: 'provider-failed' },
		'matanyone2-web': 'model-absent'
	});
	const { job } = await server.submit(await server.clip());
	await server.reach(job.id, 'done');
});
