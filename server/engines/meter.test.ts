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
		meter.run(() => wait(5));
		vi.useRealTimers();
		expect(seen).toEqual([0, 1, 2]);
		expect(meter.milliseconds).toBe(26);
	});
});

describe('JobProgress', () => {
	it('estimates the time left from the measured pace and the stages to come', () => {
		let time = 0;
		const seen: (number | undefined)[] = [];
		const progress = new JobProgress(
			[
				{ name: 'track', weight: 1 },
				{ name: 'matte', weight: 2 }
			],
			10,
			({ etaMs }) => seen.push(etaMs),
			() => time
		);
		progress.begin('track');
		time = 50;
		progress.done(5);
		time = 100;
		progress.done(10);
		progress.begin('matte');
		time = 220;
		progress.done(6);
		expect(seen).toEqual([undefined, 50 + 200, 200, 200, 80]);
	});
});
