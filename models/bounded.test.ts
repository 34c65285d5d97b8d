import { expect, test } from 'vitest';
import { bounded } from './bounded.ts';

const tick = () => new Promise((resolve) => setImmediate(resolve));

test('the source runs ahead by the capacity and no further, and items keep their order', async () => {
	let made = 0;
	async function* source() {
		for (; made < 10;) yield made++;
	}
	const items = bounded(source(), 3);
	expect((await items.next()).value).toBe(0);
	for (let i = 0; i < 20; i++) await tick();
	expect(made).toBe(4);
	const rest = [];
	for await (const item of items) rest.push(item);
	expect(rest).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('an error arrives after the items that were made before it', async () => {
	async function* source() {
		yield 1;
		throw new Error('broken');
	}
	const items = bounded(source(), 4);
	expect((await items.next()).value).toBe(1);
	await expect(items.next()).rejects.toThrow('broken');
});

test('the source ends when the consumer stops', async () => {
	let ended = false;
	async function* source() {
		try {
			for (let i = 0; ; i++) yield i;
		} finally {
			ended = true;
		}
	}
	for await (const item of bounded(source(), 2)) if (item === 3) break;
	expect(ended).toBe(true);
});
