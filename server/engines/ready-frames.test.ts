import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EncodedFrame } from '../../models/segmenter.ts';
import { ReadyFrames } from './ready-frames.ts';

const keeping = { milliseconds: 60_000, bytes: 10 };
let frames: ReadyFrames;
let released: string[];
beforeEach(() => {
	vi.useFakeTimers();
	frames = new ReadyFrames();
	released = [];
});
afterEach(() => vi.useRealTimers());

/** Asks a frame of so many bytes; returns whether it was ready. */
function ask(key: string, bytes = 4, until: Promise<void> = Promise.resolve()): Promise<boolean> {
	const frame: EncodedFrame = { segment: () => Promise.resolve([]), dispose: () => void released.push(key) };
	const make = () => Promise.resolve({ frame, bytes });
	return frames.use(key, keeping, make, async (_, wasReady) => {
		await until;
		return wasReady;
	});
}

describe('frames that are ready', () => {
	it('are there for the next prompt', async () => {
		expect([await ask('a'), await ask('b'), await ask('a')]).toEqual([false, false, true]);
	});

	it('are released some time after the last prompt', async () => {
		await ask('a');
		await vi.advanceTimersByTimeAsync(40_000);
		await ask('a');
		await vi.advanceTimersByTimeAsync(40_000);
		expect(released).toEqual([]);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(released).toEqual(['a']);
		expect(await ask('a')).toBe(false);
	});

	it('are not released while they answer', async () => {
		await ask('a');
		let answer!: () => void;
		const asked = ask('a', 4, new Promise((resolve) => (answer = resolve)));
		await vi.advanceTimersByTimeAsync(100_000);
		expect(released).toEqual([]);
		answer();
		expect(await asked).toBe(true);
	});

	it('make room for others, those unasked for longest first, but never for nothing', async () => {
		await ask('a');
		await ask('b');
		await ask('a');
		await ask('c');
		expect(released).toEqual(['b']);
		await ask('large', 100);
		expect(released).toEqual(['b', 'a', 'c']);
		expect(frames.count).toBe(1);
	});

	it('are all released together', async () => {
		await ask('a');
		await ask('b');
		frames.clear();
		expect(released).toEqual(['a', 'b']);
		expect(vi.getTimerCount()).toBe(0);
	});
});
