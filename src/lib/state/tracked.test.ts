import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Marks } from './targets.ts';
import { Tracked, type Basis } from './tracked.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const mask = { width: 8, height: 1, counts: [8] };
const marks = (...revisions: [frame: number, revision: number][]) =>
	new Map(revisions.map(([frame, revision]): [number, Marks] => [frame, { revision, prompts: [] }]));

it('tells of masks that come in a burst once in a while, and of the last one too', () => {
	const tracked = new Tracked();
	const told = vi.spyOn(tracked, 'flush');
	const basis: Basis = new Map([[0, 1]]);
	for (let frame = 0; frame < 1000; frame++) tracked.take(1, frame, mask, basis);
	expect(told).toHaveBeenCalledTimes(1);
	// Who asks is told the truth at any time.
	expect(tracked.ranges(1)).toEqual([[0, 999]]);
	expect(tracked.changes).toBe(1000);
	vi.advanceTimersByTime(1000);
	expect(told).toHaveBeenCalledTimes(2);
	tracked.take(1, 1000, mask, basis);
	expect(told).toHaveBeenCalledTimes(3);
	tracked.drop(1, 0, 9);
	expect(told).toHaveBeenCalledTimes(4);
});

it('knows which masks are out of date as they are replaced and dropped', () => {
	const tracked = new Tracked();
	const [old, young]: Basis[] = [new Map([[1, 1]]), new Map([[1, 1], [5, 2]])]; // prettier-ignore
	for (let frame = 0; frame < 10; frame++) tracked.take(1, frame, mask, old!);
	expect(tracked.staleFrom(1, marks([1, 1]))).toBeUndefined();
	const now = marks([1, 1], [5, 2]);
	expect(tracked.staleFrom(1, now)).toBe(5);
	for (let frame = 5; frame < 8; frame++) tracked.take(1, frame, mask, young!);
	expect(tracked.staleFrom(1, now)).toBe(8);
	tracked.drop(1, 8, 9);
	expect(tracked.staleFrom(1, now)).toBeUndefined();
	expect(tracked.staleFrom(1, marks([1, 3], [5, 2]))).toBe(0);
});
