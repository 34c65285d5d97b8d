import { describe, expect, it } from 'vitest';
import { LatestQueue } from './latest.ts';

/** A queue whose tasks end when told to. */
function manual() {
	const started: string[] = [];
	const finish = new Map<string, { resolve(result: string): void; reject(reason: Error): void }>();
	const queue = new LatestQueue<string, string>(
		(task) => {
			started.push(task);
			return new Promise((resolve, reject) => finish.set(task, { resolve, reject }));
		},
		(task) => task[0]
	);
	return { queue, started, finish };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('LatestQueue', () => {
	it('runs one task at a time, and only the newest of those that waited', async () => {
		const { queue, started, finish } = manual();
		const first = queue.push('a1');
		const second = queue.push('a2');
		const third = queue.push('a3');
		expect(started).toEqual(['a1']);
		expect(await second).toBeUndefined();
		finish.get('a1')!.resolve('one');
		expect(await first).toBe('one');
		await turn();
		finish.get('a3')!.resolve('three');
		expect(await third).toBe('three');
		expect(started).toEqual(['a1', 'a3']);
	});

	it('keeps the newest of every key', async () => {
		const { queue, started, finish } = manual();
		const a = queue.push('a1');
		const b = queue.push('b1');
		const newer = queue.push('a2');
		finish.get('a1')!.resolve('');
		await a;
		await turn();
		finish.get('b1')!.resolve('');
		await b;
		await turn();
		finish.get('a2')!.resolve('');
		await newer;
		expect(started).toEqual(['a1', 'b1', 'a2']);
	});

	it('goes on after a task that failed', async () => {
		const { queue, finish } = manual();
		const failing = queue.push('a1');
		const next = queue.push('b1');
		finish.get('a1')!.reject(new Error('no'));
		await expect(failing).rejects.toThrow('no');
		await turn();
		finish.get('b1')!.resolve('yes');
		expect(await next).toBe('yes');
	});

	it('drops what waits when cleared', async () => {
		const { queue, started, finish } = manual();
		const running = queue.push('a1');
		const waiting = queue.push('a2');
		queue.clear();
		expect(await waiting).toBeUndefined();
		finish.get('a1')!.resolve('done');
		expect(await running).toBe('done');
		expect(started).toEqual(['a1']);
	});
});
