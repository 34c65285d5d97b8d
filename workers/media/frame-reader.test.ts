import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';

/** A clip of `count` frames, 0.1 s apart, that notes where decoding started and which frames were drawn. */
function clip(count: number, { readable = count, capacity = 24 } = {}) {
	const timestamps = Float64Array.from({ length: count }, (_, i) => i / 10);
	const starts: number[] = [];
	const drawn: number[] = [];
	const closed: number[] = [];
	const reader = new FrameReader({
		timestamps,
		async *decodeFrom(timestamp) {
			starts.push(Math.round(timestamp * 10));
			for (let i = Math.round(timestamp * 10); i < readable; i++) {
				yield { timestamp: i / 10, close() {} };
			}
		},
		draw({ timestamp }) {
			const index = Math.round(timestamp * 10);
			drawn.push(index);
			return { index, close: () => void closed.push(index) };
		},
		capacity
	});
	const read = (index: number) => reader.read(index, async (picture) => picture.index);
	return { read, reader, starts, drawn, closed };
}

describe('FrameReader', () => {
	it('gives the exact frame, and steps forward without starting anew', async () => {
		const { read, starts } = clip(100);
		expect([await read(40), await read(41), await read(50)]).toEqual([40, 41, 50]);
		expect(starts).toEqual([40]);
	});

	it('decodes a little ahead while no one waits', async () => {
		const { read, reader, drawn } = clip(100);
		await read(10);
		await reader.settled();
		expect(drawn).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18]);
	});

	it('keeps frames before one that was reached going backward', async () => {
		const { read, starts } = clip(100);
		for (const index of [50, 49, 48, 47, 46, 45, 44, 43]) expect(await read(index)).toBe(index);
		expect(starts).toEqual([50, 41]);
	});

	it('starts anew for a far jump', async () => {
		const { read, starts } = clip(200);
		await read(0);
		expect(await read(150)).toBe(150);
		expect(await read(10)).toBe(10);
		expect(starts).toEqual([0, 150, 10]);
	});

	it('lets go of the frames used longest ago', async () => {
		const { read, reader, closed } = clip(100, { capacity: 12 });
		await read(0);
		await read(6);
		await reader.settled();
		expect(closed).toEqual([0, 1, 2]);
	});

	it('tells where decoding ends before the frame', async () => {
		const { read } = clip(100, { readable: 20 });
		expect(await read(25)).toBeUndefined();
		expect(await read(19)).toBe(19);
	});
});
