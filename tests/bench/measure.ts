export function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Memory that the process has now. */
export function megabytes(): number {
	return process.memoryUsage.rss() / 2 ** 20;
}

/** The most memory that the process has had. */
export function peakMegabytes(): number {
	return process.resourceUsage().maxRSS / 2 ** 10;
}

/** Of milliseconds, in words. */
export function quantiles(milliseconds: readonly number[]): string {
	const sorted = milliseconds.toSorted((a, b) => a - b);
	const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
	return `median ${quantile(0.5).toFixed(0)} ms, 95 % within ${quantile(0.95).toFixed(0)} ms, least ${sorted[0]!.toFixed(0)} ms`;
}
