import { expect, test } from 'vitest';
import { toFloat16 } from './float16.ts';
import { standInWeight, unit, writeStandIn } from './stand-in.ts';

test('the sequence of a name is that of the reference', () => {
	expect([...unit('a', 3)].map((value) => value.toFixed(6))).toEqual(['0.859538', '0.151376', '-0.996650']);
});

test('a sequence can be begun anywhere', () => {
	expect(unit('layer.weight', 10, 90)).toEqual(unit('layer.weight', 100).slice(90));
	const far = 2 ** 33 + 5;
	expect(unit('a', 1, far)).toEqual(unit('a', 6).slice(5));
});

test('base and amplitude follow the name, the shape, the gain and the override', () => {
	const at = (name: string, shape: number[], gain?: number) => standInWeight(name, shape, gain)[0]!;
	const first = (name: string) => unit(name, 1)[0]!;
	expect(at('bn.running_var', [4])).toBe(Math.fround(1 + 0.25 * first('bn.running_var')));
	expect(at('bn.running_mean', [4])).toBe(Math.fround(0.05 * first('bn.running_mean')));
	expect(at('bn.weight', [4])).toBe(Math.fround(1 + 0.1 * first('bn.weight')));
	expect(at('bias', [4])).toBe(Math.fround(0.05 * first('bias')));
	expect(at('scale', [])).toBe(Math.fround(0.05 * first('scale')));
	expect(at('fc.weight', [2, 3, 4], 2)).toBe(Math.fround(2 * Math.sqrt(3 / 12) * first('fc.weight')));
	const override = { bias: [0.5, 0] as const };
	expect([...standInWeight('bias', [2], 1, override)]).toEqual([0.5, 0.5]);
});

test('a file is written in parts, however large its tensors', async () => {
	let largest = 0;
	let total = 0;
	const shapes = { 'big.weight': [3000, 1000], 'bn.num_batches_tracked': [] };
	await writeStandIn(shapes, {}, (chunk) => {
		largest = Math.max(largest, chunk.byteLength);
		total += chunk.byteLength;
	});
	expect(largest).toBeLessThanOrEqual(4 << 20);
	expect(total).toBeGreaterThan(12_000_000);
});

test('one tensor under two names has the same values under both', async () => {
	const chunks: Uint8Array[] = [];
	const shapes = { 'a.weight': [2], 'b.weight': [2] };
	await writeStandIn(shapes, { tied: { 'b.weight': 'a.weight' } }, (chunk) => void chunks.push(chunk));
	const [, a, b] = chunks;
	expect(b).toEqual(a);
	expect(new Float32Array(a!.slice().buffer)).toEqual(standInWeight('a.weight', [2]));
});

test('a part of a checkpoint leaves out of its names what they begin with, and may be in half precision', async () => {
	const chunks: Uint8Array[] = [];
	const options = { prefix: 'unet.', dtype: 'float16' } as const;
	await writeStandIn({ 'unet.a.weight': [2, 2] }, options, (chunk) => void chunks.push(chunk));
	const [header, values] = chunks;
	expect(new TextDecoder().decode(header)).toContain('"a.weight":{"dtype":"F16","shape":[2,2]');
	const expected = toFloat16(standInWeight('unet.a.weight', [2, 2]));
	expect(new Uint16Array(values!.slice().buffer)).toEqual(expected);
});
