/**
 * A tokenizer of CLIP's kind, as the library `tokenizers` writes it to `tokenizer.json`, that knows these words and the bytes of all
 * others.
 * @param begin and end: what stands around a phrase
 */
export function tokenizerJson(words: readonly string[], begin: number, end: number): object {
	const bytes = byteLetters();
	const merges: [string, string][] = [];
	for (const word of words) {
		const letters = [...word];
		let left = '';
		for (const [i, letter] of letters.entries()) {
			const right = i === letters.length - 1 ? `${letter}</w>` : letter;
			if (left && !merges.some(([a, b]) => a === left && b === right)) merges.push([left, right]);
			left += right;
		}
	}
	const merged = merges.map(([a, b]) => a + b);
	const known = new Set([...bytes, ...bytes.map((letter) => `${letter}</w>`), ...merged]);
	const [startOfText, endOfText] = ['<|startoftext|>', '<|endoftext|>'];
	const special = (id: number, content: string) => ({
		...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
	});
	const pieces = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: [special(begin, startOfText), special(end, endOfText)],
		normalizer: {
			type: 'Sequence',
			normalizers: [
				{ type: 'NFC' },
				{ type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
				{ type: 'Lowercase' }
			]
		},
		pre_tokenizer: {
			type: 'Sequence',
			pretokenizers: [
				{
					...{ type: 'Split', behavior: 'Removed', invert: true },
					pattern: { Regex: `<\\|startoftext\\|>|<\\|endoftext\\|>|${pieces}` }
				},
				{ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
			]
		},
		post_processor: {
			...{ type: 'RobertaProcessing', sep: [endOfText, end], cls: [startOfText, begin] },
			...{ trim_offsets: false, add_prefix_space: false }
		},
		decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
		model: {
			...{ type: 'BPE', dropout: null, unk_token: endOfText, continuing_subword_prefix: '' },
			...{ end_of_word_suffix: '</w>', fuse_unk: false, byte_fallback: false, ignore_merges: false },
			vocab: {
				...Object.fromEntries([...known].map((token, id) => [token, id])),
				[startOfText]: begin,
				[endOfText]: end
			},
			merges
		}
	};
}

/** A printable letter for every byte (openai/gpt-2, src/encoder.py). */
function byteLetters(): string[] {
	const ranges = [
		[33, 127],
		[161, 173],
		[174, 256]
	] as const;
	const printable = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
	const others = Array.from({ length: 256 - printable.length }, (_, i) => 256 + i);
	return [...printable, ...others].map((code) => String.fromCodePoint(code));
}
