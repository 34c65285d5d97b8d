import { describe, expect, it } from 'vitest';
import { EventLog } from '../jobs/events.ts';
import { routes } from '../protocol/routes.ts';
import { EventsEndpoint } from './events.ts';
import type { HttpRequest, Outlet } from './transport.ts';

const asked: HttpRequest = {
	method: 'GET',
	path: routes.events,
	query: new URLSearchParams(),
	headers: new Map(),
	signal: new AbortController().signal,
	receive: () => Promise.reject(new Error('there is no body'))
};

/** A client that takes so many messages and then no more. */
class SlowOutlet implements Outlet {
	readonly sent: string[] = [];
	readonly closed: number[] = [];

	constructor(private readonly room: number) {}

	send(message: string): boolean {
		return this.sent.push(message) <= this.room;
	}

	close(code: number): void {
		this.closed.push(code);
	}
}

describe('the event socket', () => {
	it('sends a client away that is too slow, and nothing after that', () => {
		const log = new EventLog();
		const open = new EventsEndpoint(log).connect(asked);
		const outlet = new SlowOutlet(2);
		if (typeof open !== 'function') throw new Error('refused');
		const onClose = open(outlet);
		for (const id of ['one', 'two', 'three', 'four']) log.removed(id);
		expect(outlet.sent).toHaveLength(3);
		expect(outlet.closed).toEqual([1013]);
		onClose();
	});

	it('is only where it is said to be', () => {
		const answer = new EventsEndpoint(new EventLog()).connect({ ...asked, path: '/api/jobs' });
		expect(answer).toMatchObject({ status: 404 });
	});
});
