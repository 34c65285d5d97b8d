import { beforeEach, describe, expect, it } from 'vitest';
import { Slot } from './slot.ts';

const log: string[] = [];
beforeEach(() => void log.splice(0));

function slotOf() {
	const slot = new Slot<string>(async (name) => {
		log.push(`release ${name}`);
		await new Promise((resolve) => setImmediate(resolve));
		log.push(`${name} is free`);
	});
	const get = (name: string) => slot.get(name, async () => (log.push(`load ${name}`), name));
	return { slot, get };
}

describe('what is costly to load', () => {
	it('is loaded once', async () => {
		const { get } = slotOf();
		await Promise.all([get('a'), get('a')]);
		expect(log).toEqual(['load a']);
	});

	it('is loaded only when what was there before is free', async () => {
		const { get } = slotOf();
		await get('a');
		await get('b');
		expect(log).toEqual(['load a', 'release a', 'a is free', 'load b']);
	});

	it('is free when it was given back, also before it is loaded again', async () => {
		const { slot, get } = slotOf();
		await get('a');
		const emptied = slot.empty().then(() => log.push('empty'));
		await Promise.all([emptied, get('a')]);
		expect(log.slice(0, 3)).toEqual(['load a', 'release a', 'a is free']);
		expect(log.slice(3).toSorted()).toEqual(['empty', 'load a']);
	});

	it('is loaded again after a failure', async () => {
		const { slot, get } = slotOf();
		await expect(slot.get('a', () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
		expect(await get('a')).toBe('a');
	});
});
