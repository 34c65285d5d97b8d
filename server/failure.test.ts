import { describe, expect, it } from 'vitest';
import { describeFailure } from './failure.ts';
import { appError } from './protocol/errors.ts';

describe('what the user is told of an error', () => {
	const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

	it.each([
		['one of ours', appError('clip-codec', { codec: 'x' }), { code: 'clip-codec', params: { codec: 'x' } }],
		['a full disk', full, { code: 'disk-full', params: {} }],
		['its cause', new Error('cannot write', { cause: full }), { code: 'disk-full', params: {} }],
		['no memory', new RangeError('Array buffer allocation failed'), { code: 'out-of-memory', params: {} }],
		['a defect', new TypeError('x is undefined'), undefined],
		['no error at all', 'text', undefined]
	])('%s', (_case, error, told) => {
		expect(describeFailure(error).error).toEqual(told);
		expect(describeFailure(error).detail).not.toBe('');
	});
});
