import { Charsmap } from './charsmap.ts';
import type { SentencePieceModel } from './file.ts';

/** Stands for a space in pieces. */
export const spaceMark = '\u2581';

/** A text as its model's pieces were learned from: characters replaced, spaces marked (google/sentencepiece, `Normalizer::Normalize`). */
export function createNormaliser(model: SentencePieceModel): (text: string) => string {
	const charsmap = model.charsmap.length > 0 ? new Charsmap(model.charsmap) : undefined;
	const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
	return (text) => {
		let normal = '';
		for (const { bytes } of replacements(new TextEncoder().encode(text), charsmap))
			normal += decoder.decode(bytes);
		if (model.removeExtraWhitespaces) normal = normal.replace(/ {2,}/g, ' ').replace(/^ /, '');
		if (normal !== '' && model.addDummyPrefix) normal = ` ${normal}`;
		if (model.escapeWhitespaces) normal = normal.replaceAll(' ', spaceMark);
		return model.removeExtraWhitespaces ? normal.replace(/[ \u2581]+$/, '') : normal;
	};
}

/** Piece by piece, what stands for a text: a replacement, or the character itself. */
function* replacements(text: Uint8Array, charsmap: Charsmap | undefined): Generator<{ bytes: Uint8Array }> {
	for (let at = 0; at < text.length;) {
		const found = charsmap?.replacement(text, at);
		const length = found?.length ?? characterBytes(text[at]!);
		yield found ?? { bytes: text.subarray(at, at + length) };
		at += length;
	}
}

/** Bytes of the UTF-8 character that begins with a byte. */
function characterBytes(first: number): number {
	if (first < 0x80) return 1;
	if (first < 0xe0) return 2;
	return first < 0xf0 ? 3 : 4;
}
