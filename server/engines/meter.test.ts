import { describe, expect, it, vi } from 'vitest';
import { JobProgress } from './eta.ts';
import { Meter } from './meter.ts';

describe('Meter', () => {
	it('counts a step without what it waits for', async () => {
		vi.useFakeTimers({ toFake: ['performance'] });
		const wait = (ms: number) => vi.advanceTimersByTime(ms);
		async function* source() {
			for (let i = 0; i < 3; i++) {
				wait(100);
				yield i;
			}
		}
		const meter = new Meter();
		async function* step(items: AsyncIterable<number>) {
			for await (const item of items) {
				wait(7);
				yield item;
			}
		}
		const seen: number[] = [];
		for await (const item of meter.output(step(meter.source(source())))) {
			wait(1000);
			seen.push(item);
		}
		vi.useRealTimers();
		expect(seen).toEqual([0, 1, 2]);
		expect(meter.milliseconds).toBe(21);
	});
});

describe('JobProgress', () => {
	it('estimates the time left from the measured pace', () => {
		let time = 0;
		const seen: unknown[] = [];
		const progress = new JobProgress(
			10,
			({ stage, done, total, etaMs }) => seen.push([stage, done, total, etaMs]),
			() => time
		);
		progress.begin('track', 4);
		time = 20;
		progress.done(2);
		progress.begin('matte', 10);
		time = 140;
		progress.done(6);
		progress.begin('finish', 0);
		expect(seen).toEqual([
			['track', 0, 4, undefined],
			['track', 2, 4, 220],
			['matte', 0, 10, undefined],
			['matte', 6, 10, 80],
			['finish', 0, 0, undefined]
		]);
	});
});
