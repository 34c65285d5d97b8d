import { describe, expect, it, vi } from 'vitest';
import { FakeLocks } from '$lib/testing/fake-locks.ts';
import { SessionLock } from './session-lock.ts';

let number = 0;
function setup(patience?: number) {
	const locks = new FakeLocks();
	const id = `s${number++}`;
	const tab = (of = id) => {
		const events = { won: vi.fn(), leaving: vi.fn(async () => {}), lost: vi.fn() };
		const tabLocks = locks.tab();
		return { lock: new SessionLock(of, events, tabLocks, patience), events, kill: () => tabLocks.kill() };
	};
	return { tab };
}

describe('SessionLock', () => {
	it('lets one tab write and tells the second', async () => {
		const { tab } = setup();
		const [one, two] = [tab(), tab()];
		expect(await one.lock.open()).toBe(true);
		expect(await two.lock.open()).toBe(false);
		expect([one.lock.writer, two.lock.writer]).toEqual([true, false]);
		expect(two.events.won).not.toHaveBeenCalled();
	});

	it('is for each session', async () => {
		const { tab } = setup();
		expect(await tab('a').lock.open()).toBe(true);
		expect(await tab('b').lock.open()).toBe(true);
	});

	it.each([
		['closed', (one: ReturnType<ReturnType<typeof setup>['tab']>) => one.lock.close()],
		['killed', (one: ReturnType<ReturnType<typeof setup>['tab']>) => one.kill()]
	])('goes to the tab that waits when the writer is %s', async (_, end) => {
		const { tab } = setup();
		const [one, two] = [tab(), tab()];
		await one.lock.open();
		await two.lock.open();
		await end(one);
		await vi.waitFor(() => expect(two.events.won).toHaveBeenCalledOnce());
		expect(two.lock.writer).toBe(true);
		expect(one.events.lost).not.toHaveBeenCalled();
	});

	it('can be had again by the tab that closed it', async () => {
		const { tab } = setup();
		const one = tab();
		await one.lock.open();
		await one.lock.close();
		expect(await tab().lock.open()).toBe(true);
	});

	it('is given to no tab that does not wait any more', async () => {
		const { tab } = setup();
		const [one, two] = [tab(), tab()];
		await one.lock.open();
		await two.lock.open();
		await two.lock.close();
		await one.lock.close();
		expect(two.events.won).not.toHaveBeenCalled();
		expect(await tab().lock.open()).toBe(true);
	});
});

describe('SessionLock.takeOver', () => {
	it('lets the writer save first, and then tells it that it has lost', async () => {
		const { tab } = setup();
		const [one, two] = [tab(), tab()];
		await one.lock.open();
		await two.lock.open();
		const order: string[] = [];
		one.events.leaving.mockImplementation(async () => {
			await new Promise((resolve) => setTimeout(resolve));
			order.push('saved', one.lock.writer ? 'as writer' : 'too late');
		});
		one.events.lost.mockImplementation(() => order.push('lost'));
		two.events.won.mockImplementation(() => order.push('won'));
		await two.lock.takeOver();
		await vi.waitFor(() => expect(order).toHaveLength(4));
		expect(order.slice(0, 2)).toEqual(['saved', 'as writer']);
		expect(order.slice(2).sort()).toEqual(['lost', 'won']);
		expect([one.lock.writer, two.lock.writer]).toEqual([false, true]);
	});

	it('goes on when the writer cannot save, or does not answer', async () => {
		for (const leaving of [() => Promise.reject(new Error('full')), () => new Promise<void>(() => {})]) {
			const { tab } = setup(1);
			const [one, two] = [tab(), tab()];
			one.events.leaving.mockImplementation(leaving);
			await one.lock.open();
			await two.lock.open();
			await two.lock.takeOver();
			expect(two.lock.writer).toBe(true);
			await vi.waitFor(() => expect(one.events.lost).toHaveBeenCalledOnce());
			expect(one.lock.writer).toBe(false);
		}
	});

	it('takes nothing any more once it is closed', async () => {
		const { tab } = setup(1);
		const [one, two] = [tab(), tab()];
		await one.lock.open();
		await two.lock.open();
		const taking = two.lock.takeOver();
		await two.lock.close();
		await taking;
		expect([one.lock.writer, two.lock.writer]).toEqual([true, false]);
		expect(one.events.lost).not.toHaveBeenCalled();
	});

	it('can go back and forth, and ends with the tab that is left', async () => {
		const { tab } = setup();
		const [one, two] = [tab(), tab()];
		await one.lock.open();
		await two.lock.open();
		await two.lock.takeOver();
		await vi.waitFor(() => expect(one.events.lost).toHaveBeenCalledOnce());
		await one.lock.takeOver();
		await vi.waitFor(() => expect(two.events.lost).toHaveBeenCalledOnce());
		expect([one.lock.writer, two.lock.writer]).toEqual([true, false]);
		await one.lock.close();
		await vi.waitFor(() => expect(two.events.won).toHaveBeenCalledTimes(2));
		expect(two.lock.writer).toBe(true);
	});

	it('leaves one writer when two tabs take over at once', async () => {
		const { tab } = setup();
		const tabs = [tab(), tab(), tab()];
		for (const { lock } of tabs) await lock.open();
		await Promise.all(tabs.slice(1).map(({ lock }) => lock.takeOver()));
		await vi.waitFor(() => expect(tabs.filter(({ lock }) => lock.writer)).toHaveLength(1));
		expect(tabs[0]!.lock.writer).toBe(false);
	});
});

it('makes every tab a writer where there are no Web Locks', async () => {
	const events = { won: vi.fn(), leaving: vi.fn(async () => {}), lost: vi.fn() };
	const [one, two] = [1, 2].map(() => new SessionLock('s', events, undefined));
	expect(await one!.open()).toBe(true);
	expect(await two!.open()).toBe(true);
	await one!.close();
});
