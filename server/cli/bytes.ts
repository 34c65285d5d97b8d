const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** A count of bytes in the unit that keeps it short, for example `12.4 MB` (powers of 1024). */
export function formatBytes(bytes: number): string {
	const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
	const value = bytes / 1024 ** power;
	return `${value.toFixed(power > 0 && value < 100 ? 1 : 0)} ${units[power]}`;
}
