import { expect, it } from 'vitest';
import { checkerboard, composite, greenScreen } from './composite.ts';

it('lays straight colours over a background, each channel rounded once', () => {
	const size = { width: 256, height: 1 };
	const data = new Uint8Array(256 * 4);
	for (let alpha = 0; alpha < 256; alpha++) data.set([200, 100, 50, alpha], alpha * 4);
	const out = new Int32Array(256);
	composite({ ...size, data }, greenScreen(size), out);
	const bytes = new Uint8Array(out.buffer);
	for (let alpha = 0; alpha < 256; alpha++) {
		const part = alpha / 255;
		const expected = [200 * part, 100 * part + 255 * (1 - part), 50 * part].map(Math.round);
		expect([...bytes.subarray(alpha * 4, alpha * 4 + 4)]).toEqual([...expected, 255]);
	}
});

it('draws squares of two greys', () => {
	const pixels = checkerboard({ width: 1280, height: 720 });
	const grey = (x: number, y: number) => pixels[y * 1280 + x]! & 255;
	expect([grey(0, 0), grey(15, 15), grey(16, 15), grey(16, 16)]).toEqual([0xcc, 0xcc, 0x99, 0xcc]);
});
