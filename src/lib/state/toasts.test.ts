import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Toasts } from './toasts.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is only said goes by itself, an error stays until it is closed', () => {
	const toasts = new Toasts();
	toasts.show(() => 'said');
	toasts.show(() => 'wrong', 'error');
	vi.advanceTimersByTime(3_600_000);
	expect(toasts.list.map(({ text }) => text())).toEqual(['wrong']);
	toasts.close(toasts.list[0]!.id);
	expect(toasts.list).toEqual([]);
});

test('the same words are not shown twice, but two offers are two', () => {
	const toasts = new Toasts();
	toasts.show(() => 'said');
	toasts.show(() => 'said');
	expect(toasts.list).toHaveLength(1);
	for (const run of [vi.fn(), vi.fn()]) toasts.offer(() => 'done', { action: { label: () => 'Undo', run } });
	expect(toasts.list).toHaveLength(3);
});

test('an offer is taken or has ended, never both', () => {
	const toasts = new Toasts();
	const calls: string[] = [];
	const offer = (name: string) =>
		toasts.offer(() => name, {
			action: { label: () => 'Undo', run: () => calls.push(`${name} taken`) },
			ended: () => calls.push(`${name} ended`)
		});
	offer('first');
	offer('second');
	offer('third');
	toasts.act();
	toasts.close(toasts.list[0]!.id);
	expect(calls).toEqual(['third taken', 'first ended']);
	vi.advanceTimersByTime(3_600_000);
	expect(calls).toEqual(['third taken', 'first ended', 'second ended']);
	toasts.act();
	expect(calls).toHaveLength(3);
});
