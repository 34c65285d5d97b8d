import { describe, expect, it } from 'vitest';
import { askToPersist, readUsage } from './quota.ts';

describe('readUsage', () => {
	it('says what is kept, what there is room for, and whether it stays', async () => {
		const storage = { estimate: async () => ({ usage: 5, quota: 10 }), persisted: async () => true };
		expect(await readUsage(storage)).toEqual({ usage: 5, quota: 10, persisted: true });
	});

	it('says nothing where the browser does not', async () => {
		expect(await readUsage(undefined)).toBeUndefined();
		expect(await readUsage({ estimate: async () => ({}), persisted: async () => false })).toBeUndefined();
	});
});

describe('askToPersist', () => {
	it('tells what the browser has decided', async () => {
		expect(await askToPersist({ persist: async () => true })).toBe(true);
		expect(await askToPersist({ persist: async () => false })).toBe(false);
		expect(await askToPersist(undefined)).toBe(false);
	});
});
