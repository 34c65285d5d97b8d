import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Takes a turn that lasts until it is told to end, and notes when it begins. */
function setup() {
	const turns = new Turns();
	const begun: string[] = [];
	const ends = new Map<string, () => void>();
	const take = (name: string, signal?: AbortSignal) =>
		turns.take(async () => {
			begun.push(name);
			await new Promise<void>((resolve) => ends.set(name, resolve));
			return name;
		}, signal);
	return { begun, take, end: (name: string) => ends.get(name)!() };
}

it('lets one in at a time, in order', async () => {
	const { begun, take, end } = setup();
	const all = [take('one'), take('two'), take('three')];
	expect(begun).toEqual(['one']);
	end('one');
	expect(await all[0]).toBe('one');
	expect(begun).toEqual(['one', 'two']);
	end('two');
	await all[1];
	end('three');
	await all[2];
	expect(begun).toEqual(['one', 'two', 'three']);
});

it('forgets one that does not want to wait any more, and goes on after one that fails', async () => {
	const { begun, take, end } = setup();
	const turns = new Turns();
	await expect(turns.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
	expect(await turns.take(() => Promise.resolve(1))).toBe(1);
	const gone = new AbortController();
	const first = take('first');
	const second = take('second', gone.signal);
	gone.abort();
	await expect(second).rejects.toMatchObject({ name: 'AbortError' });
	end('first');
	await first;
	expect(begun).toEqual(['first']);
});
