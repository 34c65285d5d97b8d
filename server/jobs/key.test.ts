import { describe, expect, it } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import type { JobRequest } from '../protocol/schema.ts';
import { canonicalJson, resultKey } from './key.ts';

const mask = { width: 2, height: 2, counts: [1, 2, 1] };
const request: JobRequest = {
	clip: 'a'.repeat(64),
	name: 'clip.mp4',
	keyframes: [
		{ time: 0, mask },
		{ time: 1, mask }
	],
	engine: 'classic',
	options: defaultMatteOptions,
	outputs: ['alpha', 'webm']
};
const maker = { revision: '1', version: '0.1.0' };
const key = resultKey(request, maker);

describe('the key of a result', () => {
	it('is the same for the same result', () => {
		expect(key).toMatch(/^[0-9a-f]{64}$/);
		expect(resultKey({ ...request, name: 'other.mp4' }, maker)).toBe(key);
		expect(resultKey({ ...request, outputs: ['webm', 'alpha', 'webm'] }, maker)).toBe(key);
		expect(resultKey({ ...request, keyframes: [...request.keyframes].reverse() }, maker)).toBe(key);
		const options = { gamma: 1, feather: 0, grow: 0, edgeRadius: 10 };
		expect(resultKey({ ...request, options }, maker)).toBe(key);
	});

	it('is another for another result', () => {
		const others = [
			resultKey({ ...request, clip: 'b'.repeat(64) }, maker),
			resultKey({ ...request, options: { ...defaultMatteOptions, gamma: 2 } }, maker),
			resultKey({ ...request, outputs: ['alpha'] }, maker),
			resultKey({ ...request, keyframes: [{ time: 0, mask }] }, maker),
			resultKey(request, { ...maker, revision: '2' }),
			resultKey(request, { ...maker, version: '0.2.0' })
		];
		expect(new Set([key, ...others]).size).toBe(7);
	});

	it('does not depend on the order of names', () => {
		expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
	});
});
