/** The lines of a text in UTF-8, as it arrives. */
export async function* linesOf(
	bytes: ReadableStream<Uint8Array<ArrayBuffer>>
): AsyncGenerator<string, void, undefined> {
	const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
	let rest = '';
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) break;
			const lines = (rest + value).split('\n');
			rest = lines.pop()!;
			yield* lines;
		}
	} finally {
		await reader.cancel();
	}
	if (rest !== '') yield rest;
}
