/** In characters: more than a hundred masks of a large frame take, and what a page can still hold. */
const LONGEST = 64 * 2 ** 20;

/** A line is longer than any that is meant. */
export class LongLine extends Error {}

/**
 * The lines of a text in UTF-8, as it arrives.
 * @param longest in characters
 * @throws LongLine where a line is longer; what the bytes fail with
 */
export async function* linesOf(
	bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
	longest = LONGEST
): AsyncGenerator<string, void, undefined> {
	const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
	let begun: string[] = [];
	let length = 0;
	const add = (part: string) => {
		length += part.length;
		if (length > longest) throw new LongLine(`a line of more than ${longest} characters`);
		begun.push(part);
	};
	const end = () => {
		const line = begun.join('');
		begun = [];
		length = 0;
		return line;
	};
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) break;
			const [rest, ...next] = value.split('\n');
			add(rest!);
			for (const part of next) {
				yield end();
				add(part);
			}
		}
	} finally {
		// One that broke off cannot be cancelled, and need not be.
		await reader.cancel().catch(() => {});
	}
	if (length > 0) yield end();
}
