import { describe, expect, it } from 'vitest';
import { compare, type Comparison, type ParityModel, type Tolerance } from './compare.ts';
import type { ParityFile } from './parity-file.ts';

async function judged(expected: number[], found: number[], tolerance?: Tolerance): Promise<Comparison> {
	const file: Pick<ParityFile, 'names' | 'read'> = {
		names: ['x'],
		read: async () => Float32Array.from(expected)
	};
	const model: ParityModel = {
		cap: () => Infinity,
		tolerance: () => tolerance,
		async *answers() {
			yield { name: 'x', values: found };
		}
	};
	const open = () => Promise.reject(new Error('not asked for'));
	const all: Comparison[] = [];
	for await (const one of compare(file as ParityFile, model, open, { precision: 'float32' })) all.push(one);
	return all[0]!;
}

describe('an answer', () => {
	it('is within a tolerance or not', async () => {
		expect(await judged([1, 2], [1, 2.5], { largest: 0.5 })).toMatchObject({ within: true, largest: 0.5 });
		expect(await judged([1, 2], [1, 2.5], { mean: 0.2 })).toMatchObject({ within: false, mean: 0.25 });
		expect(await judged([10, 10], [11, 11], { relative: 0.1 })).toMatchObject({ within: true });
	});

	it.each([
		['no number', NaN],
		['infinite', Infinity]
	])('that is %s is never within', async (_, value) => {
		for (const tolerance of [{}, { largest: Infinity }, { mean: Infinity }, { relative: Infinity }]) {
			expect(await judged([1, 2], [1, value], tolerance)).toMatchObject({ within: false });
		}
	});

	it('of which nothing is expected is not judged, but shown', async () => {
		const { within, largest } = await judged([1], [3]);
		expect(within).toBeUndefined();
		expect(largest).toBe(2);
	});
});
