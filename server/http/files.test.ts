import { describe, expect, it } from 'vitest';
import { attachment, parseRange } from './files.ts';

describe('ranges', () => {
	it.each([
		['bytes=0-', { start: 0, end: 100 }],
		['bytes=10-19', { start: 10, end: 20 }],
		['bytes=90-500', { start: 90, end: 100 }],
		['bytes=-30', { start: 70, end: 100 }],
		['bytes=-300', { start: 0, end: 100 }],
		['bytes=100-', 'unsatisfiable'],
		['bytes=-0', 'unsatisfiable'],
		['bytes=20-10', undefined],
		['bytes=0-1,5-6', undefined],
		['bytes=-', undefined],
		['lines=1-2', undefined],
		[undefined, undefined]
	])('%s of 100 bytes is %o', (header, expected) => {
		expect(parseRange(header, 100)).toEqual(expected);
	});
});

it('a download keeps its name in any language', () => {
	expect(attachment('我的 (1).mp4')).toBe(
		`attachment; filename="____1_.mp4"; filename*=UTF-8''%E6%88%91%E7%9A%84%20%281%29.mp4`
	);
});
