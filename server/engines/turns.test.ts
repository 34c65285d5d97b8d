import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

const never = new AbortController().signal;

/** Takes a turn that lasts until it is told to end, and notes when it begins. */
function setup() {
	const turns = new Turns();
	const begun: string[] = [];
	const ends = new Map<string, () => void>();
	const take = (name: string, asker?: string, signal = never) =>
		turns.take(asker, signal, async () => {
			begun.push(name);
			await new Promise<void>((resolve) => ends.set(name, resolve));
			return name;
		});
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

it('lets an asker’s newest request take the place of an older one that has not begun', async () => {
	const { begun, take, end } = setup();
	const first = take('first', 'me');
	const older = take('older', 'me');
	const other = take('other', 'you');
	const refused = expect(older).rejects.toMatchObject({ code: 'prompt-superseded' });
	const newer = take('newer', 'me');
	await refused;
	for (const name of ['first', 'other', 'newer']) {
		end(name);
		await Promise.resolve().then(() => new Promise(setImmediate));
	}
	await Promise.all([first, other, newer]);
	expect(begun).toEqual(['first', 'other', 'newer']);
});

it('forgets one that does not want to wait any more, and goes on after one that fails', async () => {
	const { begun, take, end } = setup();
	const turns = new Turns();
	await expect(turns.take(undefined, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
	expect(await turns.take(undefined, never, () => Promise.resolve(1))).toBe(1);
	const gone = new AbortController();
	const first = take('first');
	const second = take('second', undefined, gone.signal);
	gone.abort();
	await expect(second).rejects.toMatchObject({ name: 'AbortError' });
	end('first');
	await first;
	expect(begun).toEqual(['first']);
});
