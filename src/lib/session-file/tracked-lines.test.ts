import { describe, expect, it } from 'vitest';
import type { SavedTracked } from '$lib/storage/types.ts';
import { packAlpha, unpackAlpha } from '$models/packed-alpha.ts';
import { packMask } from '$models/packed-mask.ts';
import { readTracked, writeTracked } from './tracked-lines.ts';

const size = { width: 4, height: 1 };
const soft = { ...size, data: Uint8Array.of(0, 90, 130, 255) };

async function frames(): Promise<SavedTracked[]> {
	const mask = packMask({ ...size, counts: [2, 2] });
	return [
		{ time: 0, masks: [{ target: 1, mask, basis: [[0, 1]], soft: await packAlpha(soft) }] },
		{ time: 0.5, masks: [{ target: 1, mask, basis: [] }] }
	];
}

describe('what was tracked, in a session’s file', () => {
	it('comes back with its soft edges', async () => {
		const read = await readTracked(await writeTracked(await frames()), size);
		expect(read.map(({ time, masks }) => [time, masks[0]!.mask, masks[0]!.basis])).toEqual(
			(await frames()).map(({ time, masks }) => [time, masks[0]!.mask, masks[0]!.basis])
		);
		expect(await unpackAlpha(read[0]!.masks[0]!.soft!)).toEqual(soft);
		expect(read[1]!.masks[0]).not.toHaveProperty('soft');
	});

	it('is refused when a soft edge is of another size than its mask', async () => {
		const [first] = await frames();
		const [mask] = first!.masks;
		const other = await packAlpha({ width: 5, height: 1, data: new Uint8Array(5) });
		const file = await writeTracked([{ time: 0, masks: [{ ...mask!, soft: other }] }]);
		await expect(readTracked(file, size)).rejects.toThrow('more bytes');
	});
});
