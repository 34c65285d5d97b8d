import { beforeEach, describe, expect, it } from 'vitest';
import { formatBytes, formatClock, formatDay, formatMoment, formatNumber, formatShare } from './format.ts';
import { overwriteGetLocale, type Locale } from './paraglide/runtime.js';

let locale: Locale = 'en';
beforeEach(() => {
	locale = 'en';
	overwriteGetLocale(() => locale);
});

describe('formatBytes', () => {
	it.each([
		[0, '0 byte'],
		[900, '900 byte'],
		[1536, '1.5 kB'],
		[150 * 2 ** 20, '150 MB'],
		[2 ** 31, '2 GB']
	])('%i is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

	it('is written in the language', () => {
		locale = 'zh';
		expect(formatBytes(12.4 * 2 ** 20)).toMatch(/12\.4\s?MB/);
	});
});

describe('formatClock', () => {
	it.each([
		[0, '0:00'],
		[41.2, '0:42'],
		[59.6, '1:00'],
		[725, '12:05'],
		[3723, '1:02:03'],
		[-3, '0:00']
	])('%d s is %s', (seconds, text) => expect(formatClock(seconds)).toBe(text));
});

describe('formatShare', () => {
	it('never says that all is done before it is', () => {
		expect(formatShare(0.999)).toBe('99%');
		expect(formatShare(1)).toBe('100%');
		expect(formatShare(0.29)).toBe('29%');
	});
});

it('formats numbers with at most the digits asked for', () => {
	expect(formatNumber(1234.567, 1)).toBe('1,234.6');
});

it('names the day only of what is older than one', () => {
	const now = new Date(2026, 4, 20, 15, 30).getTime();
	expect(formatMoment(now - 60_000, now)).toMatch(/^03:29/);
	expect(formatMoment(now - 5 * 86_400_000, now)).toContain('May 15, 2026');
	locale = 'zh';
	expect(formatMoment(now - 5 * 86_400_000, now)).toContain('2026年5月15日');
});

it('names a day in short: today by the time, this year without it', () => {
	locale = 'en';
	const now = new Date(2026, 4, 20, 15, 30).getTime();
	expect(formatDay(new Date(2026, 4, 20, 0, 5).getTime(), now)).toMatch(/^12:05/);
	expect(formatDay(new Date(2026, 4, 19, 23, 55).getTime(), now)).toBe('May 19');
	expect(formatDay(new Date(2025, 4, 21).getTime(), now)).toBe('May 21, 2025');
});
