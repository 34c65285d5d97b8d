import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle, someHealth, someJob } from '$lib/testing/fakes.ts';
import { appError } from '$protocol/errors.ts';
import type { ServerEvent } from '$protocol/schema.ts';
import { ServerConnection, type Socket } from './server-connection.svelte.ts';

class FakeSocket implements Socket {
	onmessage: Socket['onmessage'] = null;
	onclose: Socket['onclose'] = null;
	closed = false;
	constructor(readonly path: string) {}
	close(): void {
		this.closed = true;
	}
	tell(event: ServerEvent | string): Promise<void> {
		const data = typeof event === 'string' ? event : JSON.stringify(event);
		this.onmessage?.call(this as unknown as WebSocket, { data } as MessageEvent);
		return settle();
	}
	lose(): void {
		this.onclose?.call(this as unknown as WebSocket, {} as CloseEvent);
	}
}

const sockets: FakeSocket[] = [];
const newest = () => sockets.at(-1)!;
const api = { health: vi.fn(async () => someHealth()) };
const sink = { apply: vi.fn(), reload: vi.fn(async () => {}) };
const hello = (change: object = {}) =>
	({ type: 'hello', epoch: 'e1', seq: 7, replay: false, ...change }) as const;

function connect(): ServerConnection {
	const open = (path: string) => {
		sockets.push(new FakeSocket(path));
		return newest();
	};
	const connection = new ServerConnection(api, [sink], open, () => 0.5);
	connection.connect();
	return connection;
}

beforeEach(() => {
	vi.useFakeTimers();
	vi.clearAllMocks();
	api.health.mockImplementation(async () => someHealth());
	sink.reload.mockImplementation(async () => {});
	sockets.length = 0;
});
afterEach(() => vi.useRealTimers());

describe('ServerConnection', () => {
	it('is online once the server has said hello and everything is loaded', async () => {
		const connection = connect();
		expect(connection.status).toBe('connecting');
		expect(newest().path).toBe('/api/events');
		await newest().tell(hello());
		expect(sink.reload).toHaveBeenCalledOnce();
		expect(connection.status).toBe('online');
		expect(connection.health).toEqual(someHealth());
	});

	it('asks after a loss for what came after the last event that it saw', async () => {
		const connection = connect();
		await newest().tell(hello());
		await newest().tell({ type: 'job', seq: 8, job: someJob() });
		newest().lose();
		expect(connection.status).toBe('away');
		vi.advanceTimersByTime(500);
		expect(newest().path).toBe('/api/events?epoch=e1&since=8');
		await newest().tell(hello({ seq: 9, replay: true }));
		expect(connection.status).toBe('online');
		expect(sink.reload).toHaveBeenCalledOnce();
		// Lost in the middle of the replay: what was not told yet is asked for again.
		newest().lose();
		vi.advanceTimersByTime(500);
		expect(newest().path).toBe('/api/events?epoch=e1&since=8');
	});

	it('loads everything anew when the server cannot replay', async () => {
		connect();
		await newest().tell(hello());
		newest().lose();
		vi.advanceTimersByTime(500);
		await newest().tell(hello({ epoch: 'e2', seq: 1 }));
		expect(sink.reload).toHaveBeenCalledTimes(2);
		newest().lose();
		vi.advanceTimersByTime(500);
		expect(newest().path).toBe('/api/events?epoch=e2&since=1');
	});

	it('waits ever longer between tries, up to a limit, and begins anew after a success', async () => {
		connect();
		const delays: number[] = [];
		for (let round = 0; round < 8; round++) {
			newest().lose();
			const start = Date.now();
			vi.advanceTimersToNextTimer();
			delays.push(Date.now() - start);
		}
		expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
		await newest().tell(hello());
		newest().lose();
		const start = Date.now();
		vi.advanceTimersToNextTimer();
		expect(Date.now() - start).toBe(500);
	});

	it('is not online while the loading fails', async () => {
		sink.reload.mockRejectedValueOnce(appError('server-away'));
		const connection = connect();
		await newest().tell(hello());
		expect(connection.status).toBe('away');
		vi.advanceTimersByTime(1000);
		expect(newest().path).toBe('/api/events');
		await newest().tell(hello());
		expect(connection.status).toBe('online');
	});

	it('lets those who wait go on when it is online', async () => {
		const connection = connect();
		const gone = vi.fn();
		void connection.online().then(gone);
		await settle();
		expect(gone).not.toHaveBeenCalled();
		await newest().tell(hello());
		expect(gone).toHaveBeenCalledOnce();
	});

	it('hears no socket but its newest', async () => {
		const connection = connect();
		const old = newest();
		connection.connect();
		expect(old.closed).toBe(true);
		await old.tell(hello());
		old.lose();
		expect(connection.status).toBe('connecting');
	});

	it('passes over what only a newer page knows, and asks for it no second time', async () => {
		const connection = connect();
		await newest().tell(hello());
		await newest().tell('{"type":"news","seq":8,"of":"a later version"}');
		expect(connection.outdated).toBe(false);
		expect(sink.apply).not.toHaveBeenCalled();
		newest().lose();
		vi.advanceTimersByTime(500);
		expect(newest().path).toBe('/api/events?epoch=e1&since=8');
	});

	it('asks the server again while it reads a model’s files', async () => {
		const [engine] = someHealth().engines;
		const problem = { code: 'model-reading', params: { name: 'SAM 3' } } as const;
		const reading = { ...someHealth(), engines: [{ ...engine!, available: false, problem }] };
		api.health.mockResolvedValueOnce(reading).mockResolvedValueOnce(reading);
		const connection = connect();
		await newest().tell(hello());
		expect(connection.health).toEqual(reading);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(api.health).toHaveBeenCalledTimes(3);
		expect(connection.health).toEqual(someHealth());
	});

	it.each(['{', '{"type":"job","seq":1}'])('stops and says so when it is told %s', async (message) => {
		const connection = connect();
		await newest().tell(message);
		expect(connection.outdated).toBe(true);
		const count = sockets.length;
		connection.connect();
		vi.runAllTimers();
		expect(sockets.length).toBe(count);
	});

	it('tries again when a request got no answer', async () => {
		const connection = connect();
		await newest().tell(hello());
		connection.suspect();
		expect(connection.status).toBe('away');
		vi.advanceTimersByTime(500);
		expect(sockets.length).toBe(2);
	});
});
