/**
 * Inflates to exactly so many bytes, never to more, whatever the packed ones say.
 * @throws Error when they are damaged, or others than so many come of them
 */
export async function inflate(
	packed: Blob,
	format: CompressionFormat,
	bytes: number
): Promise<Uint8Array<ArrayBuffer>> {
	const all = new Uint8Array(bytes);
	let filled = 0;
	const fill = new WritableStream<Uint8Array>({
		write(piece) {
			if (filled + piece.length > bytes) throw new Error('more bytes than there should be');
			all.set(piece, filled);
			filled += piece.length;
		}
	});
	await packed.stream().pipeThrough(new DecompressionStream(format)).pipeTo(fill);
	if (filled !== bytes) throw new Error('fewer bytes than there should be');
	return all;
}
