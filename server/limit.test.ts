import { expect, it } from 'vitest';
import { limited } from './limit.ts';

it('runs no more than so many at a time, in order, and goes on after a failure', async () => {
	const finish: (() => void)[] = [];
	const begun: number[] = [];
	const work = limited(2, async (id: number) => {
		begun.push(id);
		await new Promise<void>((resolve) => finish.push(resolve));
		if (id === 0) throw new Error('one fails');
		return id;
	});
	const results = Promise.allSettled([0, 1, 2, 3].map((id) => work(id)));
	expect(begun).toEqual([0, 1]);
	for (let i = 0; i < 4; i++) {
		finish[i]!();
		await new Promise((resolve) => setImmediate(resolve));
		expect(begun.length).toBe(Math.min(4, 3 + i));
	}
	expect((await results).map(({ status }) => status)).toEqual([
		'rejected',
		'fulfilled',
		'fulfilled',
		'fulfilled'
	]);
});
