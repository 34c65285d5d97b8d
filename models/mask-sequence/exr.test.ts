import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../base64.ts';
import { readMaskExr } from './exr.ts';
import samples from './exr.samples.json' with { type: 'json' };

/** The samples, written by FFmpeg: 5 by 18 pixels, packed in two blocks by ZIP. */
const grey = Array.from({ length: 5 * 18 }, (_, i) => (7 * i * i + i) % 256);
const bytesOf = (name: keyof typeof samples) => fromBase64(samples[name]);
const read = (bytes: Uint8Array<ArrayBuffer>) => readMaskExr(new Blob([bytes]), 'mask.exr');

/** Where the value of an attribute begins. */
function find(bytes: Uint8Array, attribute: string, type: string): number {
	const text = `${attribute}\0${type}\0`;
	return Buffer.from(bytes).indexOf(text, 0, 'latin1') + text.length + 4;
}

describe('a mask from OpenEXR', () => {
	it.each(['plainHalf', 'zipFloat'] as const)('is read from %s', async (name) => {
		const { brightness, alpha } = await read(bytesOf(name));
		expect(brightness).toMatchObject({ width: 5, height: 18 });
		expect([...brightness.data]).toEqual(grey);
		expect(alpha).toBeUndefined();
	});

	it.each(['rleFlat', 'zipsFlat'] as const)('is read from %s, packed line by line', async (name) => {
		const { brightness } = await read(bytesOf(name));
		const line = Array.from({ length: 40 }, (_, x) => (x < 25 ? 0 : 255));
		expect([...brightness.data]).toEqual([...line, ...line]);
	});

	it('has its alpha beside its colours', async () => {
		const { brightness, alpha } = await read(bytesOf('zipHalfWithAlpha'));
		expect([...alpha!.data]).toEqual(grey.map((value) => 255 - value));
		for (const [i, value] of brightness.data.entries())
			expect(Math.abs(value - grey[i]!)).toBeLessThanOrEqual(1);
	});

	it('lies where its header says, black around it', async () => {
		const bytes = bytesOf('plainHalf');
		const view = new DataView(bytes.buffer);
		const at = find(bytes, 'displayWindow', 'box2i');
		// Two columns more on the left, and the lowest line cut off.
		for (const [i, value] of [-2, 0, 4, 16].entries()) view.setInt32(at + 4 * i, value, true);
		const { brightness } = await read(bytes);
		expect(brightness).toMatchObject({ width: 7, height: 17 });
		expect([...brightness.data.subarray(0, 7)]).toEqual([0, 0, ...grey.slice(0, 5)]);
		expect([...brightness.data.subarray(-7)]).toEqual([0, 0, ...grey.slice(80, 85)]);
	});

	it('is refused with the kind that is not read', async () => {
		const piz = bytesOf('plainHalf');
		piz[find(piz, 'compression', 'compression')] = 4;
		await expect(read(piz)).rejects.toMatchObject({
			code: 'mask-exr',
			params: { name: 'mask.exr', kind: 'PIZ' }
		});
		const tiled = bytesOf('plainHalf');
		tiled[5]! |= 2;
		await expect(read(tiled)).rejects.toMatchObject({ code: 'mask-exr', params: { kind: 'tiles' } });
	});

	it('is refused when it is damaged or something else', async () => {
		const unreadable = { code: 'mask-unreadable', params: { name: 'mask.exr' } };
		for (const name of ['plainHalf', 'rleFlat', 'zipFloat'] as const) {
			const bytes = bytesOf(name);
			for (const end of [0, 3, 50, bytes.length - 9])
				await expect(read(bytes.slice(0, end))).rejects.toMatchObject(unreadable);
		}
		const other = new TextEncoder().encode('a text that is no picture');
		await expect(read(other)).rejects.toMatchObject(unreadable);
	});
});
