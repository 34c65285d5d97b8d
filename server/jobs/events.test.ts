import { describe, expect, it } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import type { Job, ServerEvent } from '../protocol/schema.ts';
import { EventLog } from './events.ts';

const job = (id: string, changes: Partial<Job> = {}): Job => ({
	id,
	key: 'a'.repeat(64),
	clip: 'b'.repeat(64),
	name: 'clip.mp4',
	engine: 'classic',
	options: defaultMatteOptions,
	outputs: ['alpha'],
	state: 'queued',
	results: [],
	notices: [],
	created: 0,
	...changes
});

describe('the log of events', () => {
	it('says hello and tells what happens from then on', () => {
		const log = new EventLog();
		log.changed(job('one'));
		const seen: ServerEvent[] = [];
		const stop = log.subscribe((event) => seen.push(event));
		log.changed(job('two'));
		stop();
		log.changed(job('three'));
		expect(seen).toMatchObject([
			{ type: 'hello', epoch: log.epoch, seq: 1, replay: false },
			{ type: 'job', seq: 2, job: { id: 'two' } }
		]);
	});

	it('replays the newest change of each job that was missed', () => {
		const log = new EventLog();
		log.changed(job('one'));
		log.changed(job('two'));
		log.changed(job('two', { state: 'running' }));
		log.removed('one');
		const seen: ServerEvent[] = [];
		log.subscribe((event) => seen.push(event), { epoch: log.epoch, seq: 1 });
		expect(seen).toMatchObject([
			{ type: 'hello', seq: 4, replay: true },
			{ type: 'job', seq: 3, job: { id: 'two', state: 'running' } },
			{ type: 'job-removed', seq: 4, id: 'one' }
		]);
	});

	it.each([
		['another run of the server', { epoch: 'other', seq: 1 }],
		['a number from the future', { epoch: '', seq: 5000 }],
		['what is forgotten', { epoch: '', seq: 1 }]
	])('does not replay %s', (_case, { epoch, seq }) => {
		const log = new EventLog();
		for (let i = 0; i < 1100; i++) log.changed(job(`job${i}`));
		const seen: ServerEvent[] = [];
		log.subscribe((event) => seen.push(event), { epoch: epoch || log.epoch, seq });
		expect(seen).toMatchObject([{ type: 'hello', seq: 1100, replay: false }]);
	});
});
