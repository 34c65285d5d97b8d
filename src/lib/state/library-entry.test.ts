import { describe, expect, test } from 'vitest';
import { someJob, someSaved } from '$lib/testing/fakes.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import { entryOf, type Surroundings } from './library-entry.ts';
import { localId } from './local-job.ts';

const key = 'b'.repeat(64);
const hash = 'a'.repeat(64);

const nothing: Surroundings = {
	job: () => undefined,
	kept: () => undefined,
	server: { hasResult: () => false, hasClip: () => false },
	marked: () => false
};

function listed(session: Partial<SavedSession>, around: Partial<Surroundings> = {}) {
	return entryOf(someSaved(session), { ...nothing, ...around });
}

describe('how far a session has come', () => {
	const job = (state: Parameters<typeof someJob>[0]) => ({ job: () => someJob(state) });

	test.each([
		['new', listed({})],
		['marked', listed({}, { marked: () => true })],
		[
			'waiting',
			listed({
				wanted: {
					clip: hash,
					name: 'a',
					keyframes: [],
					engine: 'classic',
					options: someJob().options,
					outputs: []
				}
			})
		],
		['queued', listed({ jobs: ['j1'] }, job({ state: 'queued' }))],
		['running', listed({ jobs: ['j1'] }, job({ state: 'running' }))],
		['failed', listed({ jobs: ['j1'], results: [key] }, job({ state: 'failed' }))],
		['interrupted', listed({ jobs: ['j1'] }, job({ state: 'interrupted' }))],
		['done', listed({ jobs: ['j1'] }, job({ state: 'done' }))],
		['done', listed({ jobs: ['j1'], results: [key] }, job({ state: 'cancelled' }))],
		['marked', listed({ jobs: ['j1'] }, { ...job({ state: 'cancelled' }), marked: () => true })],
		['done', listed({ jobs: ['forgotten'], results: [key] })]
	])('%s', (state, entry) => expect(entry.state).toBe(state));

	test('tells the share of the stage that runs, and none while that is unknown', () => {
		const running = (total: number) =>
			listed({ jobs: ['j1'] }, job({ state: 'running', progress: { stage: 'matte', done: 30, total } }))
				.share;
		expect(running(120)).toBe(0.25);
		expect(running(0)).toBeUndefined();
	});
});

describe('where the clip is', () => {
	const server = (hasClip: boolean | undefined) => ({
		server: { hasResult: () => false, hasClip: () => hasClip }
	});
	const place = (session: Partial<SavedSession>, around: Partial<Surroundings>) =>
		listed(session, around).clip;
	const [kept, sent] = [
		{ file: 'f1', hash },
		{ uploaded: true, hash }
	];

	test.each([
		['only-here', place({ file: 'f1' }, server(true))],
		['only-here', place(kept, server(false))],
		['both', place({ ...kept, ...sent }, server(true))],
		['server-lost', place({ ...kept, ...sent }, server(false))],
		['here', place({ ...kept, ...sent }, { server: undefined })],
		['here', place({ ...kept, ...sent }, server(undefined))],
		['only-here', place(kept, { server: undefined })],
		['only-server', place(sent, server(true))],
		['last-seen', place(sent, { server: undefined })],
		['gone', place(sent, server(false))]
	])('%s', (expected, found) => expect(found).toBe(expected));
});

describe('where the result is', () => {
	const keptJob = (id: string) => ({ kept: () => ({ bytes: 1, job: someJob({ id, state: 'done' }) }) });
	const onServer = { server: { hasResult: () => true, hasClip: () => true } };
	const place = (around: Partial<Surroundings>, jobs: string[] = []) =>
		listed({ results: [key], jobs }, around).result;

	test.each([
		['both', place({ ...keptJob('j1'), ...onServer })],
		['server-lost', place(keptJob('j1'))],
		['here', place({ ...keptJob('j1'), server: undefined })],
		['only-here', place(keptJob(localId(key)))],
		['only-here', place({ ...keptJob(localId(key)), server: undefined })],
		['only-server', place(onServer)],
		['last-seen', place({ server: undefined })],
		['gone', place({ server: undefined }, [localId(key)])],
		['gone', place({})]
	])('%s', (expected, found) => expect(found).toBe(expected));

	test('a session without one says nothing', () => expect(listed({}).result).toBeUndefined());
});

test('counts the clip and all results that are here', () => {
	const kept = (name: string) => (name === 'gone' ? undefined : { bytes: 100, job: someJob() });
	expect(listed({ bytes: 4, file: 'f1', results: ['one', 'gone', 'two'] }, { kept }).bytes).toBe(204);
	expect(listed({ bytes: 4, results: ['one'] }, { kept }).bytes).toBe(100);
});

test('is called by its title where the user gave one', () => {
	expect(listed({ name: 'a.mp4' }).name).toBe('a.mp4');
	expect(listed({ name: 'a.mp4', title: 'Opening' }).name).toBe('Opening');
});
