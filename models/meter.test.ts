import { describe, expect, it, vi } from 'vitest';
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
