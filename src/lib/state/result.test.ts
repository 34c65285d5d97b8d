import { describe, expect, it } from 'vitest';
import { appError } from '$protocol/errors.ts';
import type { Job } from '$protocol/schema.ts';
import { ResultView } from './result.svelte.ts';

const job = (id: string) => ({ id, state: 'done' }) as Job;
const missing = { get: () => Promise.reject(appError('result-missing')) };
const never = { get: () => new Promise<Blob>(() => {}) };

describe('two results that are compared', () => {
	it('are laid out one over the other, or side by side, by the key that wipes one against the source', () => {
		const result = new ResultView(job('a'), never);
		result.toggleWipe();
		expect([result.wipe, result.layout]).toEqual([0.5, 'wipe']);
		result.compare(new ResultView(job('b'), never));
		result.toggleWipe();
		expect([result.wipe, result.layout]).toEqual([0.5, 'beside']);
		result.toggleWipe();
		expect(result.layout).toBe('wipe');
	});

	it('become others: the one that was there before is let go', async () => {
		const result = new ResultView(job('a'), never);
		const [first, second] = [new ResultView(job('b'), missing), new ResultView(job('c'), missing)];
		result.compare(first);
		result.compare(second);
		expect(result.other).toBe(second);
		await expect.poll(() => second.state).toBe('failed');
		// What was closed tells of nothing that came after.
		expect([first.state, first.error]).toEqual(['loading', undefined]);
	});

	it('tell why one of them cannot be shown; the other stays', async () => {
		const result = new ResultView(job('a'), never);
		result.compare(new ResultView(job('b'), missing));
		await expect.poll(() => result.other?.error?.code).toBe('result-missing');
		expect(result.error).toBeUndefined();
	});

	it('are closed together', () => {
		const result = new ResultView(job('a'), never);
		result.compare(new ResultView(job('b'), never));
		result.close();
		expect(result.other).toBeUndefined();
	});
});
