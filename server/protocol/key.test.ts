import { describe, expect, it } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import { canonicalJson, describeResult } from './key.ts';
import type { JobRequest } from './schema.ts';

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
const key = describeResult(request, '0.1.0');

describe('the description of a result', () => {
	it('is the same for the same result', () => {
		expect(describeResult({ ...request, outputs: ['webm', 'alpha', 'webm'] }, '0.1.0')).toBe(key);
		expect(describeResult({ ...request, keyframes: [...request.keyframes].reverse() }, '0.1.0')).toBe(key);
		const options = { gamma: 1, feather: 0, grow: 0, edgeRadius: 10 };
		expect(describeResult({ ...request, options }, '0.1.0')).toBe(key);
		const renamed: JobRequest = { ...request, name: 'other.mp4' };
		expect(describeResult(renamed, '0.1.0')).toBe(key);
	});

	it('is another for another result', () => {
		const others = [
			describeResult({ ...request, clip: 'b'.repeat(64) }, '0.1.0'),
			describeResult({ ...request, options: { ...defaultMatteOptions, gamma: 2 } }, '0.1.0'),
			describeResult({ ...request, outputs: ['alpha'] }, '0.1.0'),
			describeResult({ ...request, keyframes: [{ time: 0, mask }] }, '0.1.0'),
			describeResult(request, '0.1.0', 'another revision'),
			describeResult(request, '0.2.0')
		];
		expect(new Set([key, ...others]).size).toBe(7);
	});

	it('does not depend on the order of names', () => {
		expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
	});
});
