/**
 * Replaces the longest sequences of bytes that a table knows: how SentencePiece normalises characters (google/sentencepiece,
 * src/normalizer.cc). The table is a trie as a double array (Aoe, 1989; s-yata/darts-clone), then the texts that its values point into.
 */
export class Charsmap {
	readonly #units: Uint32Array;
	readonly #texts: Uint8Array;

	/**
	 * @param blob `precompiled_charsmap` of a model: the trie's length in bytes, the trie, texts that end with a zero
	 * @throws RangeError when it cannot be one
	 */
	constructor(blob: Uint8Array) {
		const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
		const bytes = view.getUint32(0, true);
		if (bytes % 4 !== 0 || 4 + bytes > blob.length) throw new RangeError('a broken table of characters');
		this.#units = Uint32Array.from({ length: bytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
		this.#texts = blob.subarray(4 + bytes);
	}

	/**
	 * What stands for the beginning of a text.
	 * @returns the replacement, and for how many bytes it stands; undefined where the table has none
	 */
	replacement(text: Uint8Array, start: number): { bytes: Uint8Array; length: number } | undefined {
		let longest: { value: number; length: number } | undefined;
		let node = childrenOf(this.#units[0]!);
		for (let i = start; i < text.length; i++) {
			node ^= text[i]!;
			const unit = this.#units[node];
			if (unit === undefined || labelOf(unit) !== text[i]) break;
			node ^= childrenOf(unit);
			if (hasLeaf(unit)) longest = { value: valueOf(this.#units[node]!), length: i + 1 - start };
		}
		if (!longest) return undefined;
		const { value, length } = longest;
		return { bytes: this.#texts.subarray(value, this.#texts.indexOf(0, value)), length };
	}
}

/** Units of darts-clone's double array (include/darts.h). */
const hasLeaf = (unit: number) => ((unit >>> 8) & 1) === 1;
const valueOf = (unit: number) => unit & 0x7fffffff;
const labelOf = (unit: number) => (unit & 0x800000ff) >>> 0;
const childrenOf = (unit: number) => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
