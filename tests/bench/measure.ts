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
