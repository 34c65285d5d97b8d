import { describe, expect, it } from 'vitest';
import { linesOf, LongLine } from './lines.ts';

function stream(...chunks: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
	return new Blob(chunks).stream();
}

/** A stream of so many chunks, which counts those that were read. */
function endless(chunk: string, count: number) {
	const bytes = new TextEncoder().encode(chunk);
	const counted = { read: 0, cancelled: false };
	const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
		pull(controller) {
			if (counted.read++ < count) controller.enqueue(bytes);
			else controller.close();
		},
		cancel: () => void (counted.cancelled = true)
	});
	return { source, counted };
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
	const read = [];
	for await (const line of lines) read.push(line);
	return read;
}

describe('lines', () => {
	it('come as they are, whatever the pieces they arrive in', async () => {
		expect(await all(linesOf(stream('a\n\nbc', 'd\ne', '')))).toEqual(['a', '', 'bcd', 'e']);
		expect(await all(linesOf(stream('é\n')))).toEqual(['é']);
		expect(await all(linesOf(stream()))).toEqual([]);
	});

	it('are refused where one is longer than any that is meant, before all of it is read', async () => {
		const { source, counted } = endless('x'.repeat(1000), 10_000);
		await expect(all(linesOf(source, 5000))).rejects.toBeInstanceOf(LongLine);
		expect(counted.read).toBeLessThan(50);
		expect(counted.cancelled).toBe(true);
		await expect(all(linesOf(stream('abc\n', 'abcd\n'), 3))).rejects.toBeInstanceOf(LongLine);
	});
});
