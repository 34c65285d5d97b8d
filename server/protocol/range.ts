/** A part of a file, in bytes; `end` is not included. */
export interface ByteRange {
	readonly start: number;
	readonly end: number;
}

/**
 * Reads a Range header (RFC 9110, 14.2) for a file of `size` bytes.
 * @returns the part; undefined when the whole file is to be sent, as for several parts in one request
 */
export function parseRange(
	header: string | null | undefined,
	size: number
): ByteRange | 'unsatisfiable' | undefined {
	const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
	if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
	if (first === '') {
		const length = Math.min(Number(last), size);
		return length > 0 ? { start: size - length, end: size } : 'unsatisfiable';
	}
	const start = Number(first);
	if (last !== '' && Number(last) < start) return undefined;
	if (start >= size) return 'unsatisfiable';
	return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
