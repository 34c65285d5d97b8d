import { expect, it } from 'vitest';
import { timecode } from './timecode.ts';

it('writes moments to the millisecond', () => {
	expect([0, 5.125, 59.9996, 3723.04].map(timecode)).toEqual([
		'0:00.000',
		'0:05.125',
		'1:00.000',
		'1:02:03.040'
	]);
});
