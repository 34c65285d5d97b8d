import { getLocale } from './paraglide/runtime';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A count of bytes in the unit that keeps it short, for example `12.4 MB` (powers of 1024). */
export function formatBytes(bytes: number): string {
	const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
	const value = bytes / 1024 ** power;
	return new Intl.NumberFormat(getLocale(), {
		style: 'unit',
		unit: units[power]!,
		unitDisplay: 'short',
		maximumFractionDigits: power > 0 && value < 100 ? 1 : 0
	}).format(value);
}

/** A clock reading, for example `0:42`, `12:05` or `1:02:03`; part seconds count as whole ones. */
export function formatClock(seconds: number): string {
	const whole = Math.max(0, Math.ceil(seconds));
	const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
	if (parts[0] === 0) parts.shift();
	return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** A number as the language writes it, with at most `digits` after the point. */
export function formatNumber(value: number, digits = 0): string {
	return new Intl.NumberFormat(getLocale(), { maximumFractionDigits: digits }).format(value);
}

/** A share from 0 to 1 as a percentage; never 100 % before it is done. */
export function formatShare(share: number): string {
	const told = share >= 1 ? 1 : Math.min(0.99, Math.max(0, share));
	return new Intl.NumberFormat(getLocale(), { style: 'percent' }).format(told);
}

const dayMs = 86_400_000;

/** A moment in as few characters as tell it apart: the time of today, else the day. */
export function formatDay(time: number, now = Date.now()): string {
	const [day, today] = [new Date(time), new Date(now)];
	const year = day.getFullYear() === today.getFullYear() ? undefined : 'numeric';
	return new Intl.DateTimeFormat(
		getLocale(),
		day.toDateString() === today.toDateString()
			? { hour: '2-digit', minute: '2-digit' }
			: { year, month: 'short', day: 'numeric' }
	).format(time);
}

/** When something happened: the time for the last day, else the date with the time. */
export function formatMoment(time: number, now = Date.now()): string {
	const recent = now - time < dayMs;
	return new Intl.DateTimeFormat(
		getLocale(),
		recent ? { hour: '2-digit', minute: '2-digit' } : { dateStyle: 'medium', timeStyle: 'short' }
	).format(time);
}
