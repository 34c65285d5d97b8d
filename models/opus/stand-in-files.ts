import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { parseMarianConfig } from './config.ts';
import { pieceTypes } from './sentencepiece/file.ts';
import { spaceMark } from './sentencepiece/normalise.ts';

/** The characters of Chinese, by their code points. */
const [firstCharacter, lastCharacter] = [0x4e00, 0x9fff];

/**
 * What lies beside stand-in weights of a translator: every Chinese character is a piece of its own, and English consists of made-up words, so
 * that what it says looks like what it is.
 * @param config the text of its `config.json`
 * @returns the files by their names
 */
export function standInFiles(config: string): Readonly<Record<string, string | Uint8Array>> {
	const { vocab_size } = parseMarianConfig(JSON.parse(config), 'OPUS-MT');
	const characters = Array.from({ length: lastCharacter - firstCharacter + 1 }, (_, i) =>
		String.fromCodePoint(firstCharacter + i)
	);
	const pieces = [spaceMark, ...characters];
	const known = ['</s>', '<unk>', ...pieces];
	const words = Array.from({ length: vocab_size - 1 - known.length }, (_, i) => spaceMark + madeUpWord(i));
	const tokens = [...known, ...words, '<pad>'];
	return {
		'config.json': config,
		'source.spm': sentencePieces(pieces),
		'vocab.json': JSON.stringify(Object.fromEntries(tokens.map((token, number) => [token, number])))
	};
}

/** `ba`, `be`, … and longer ones: another word for every number. */
function madeUpWord(number: number): string {
	const [consonants, vowels] = ['bdfgklmnprstvz', 'aeiou'];
	const count = consonants.length * vowels.length;
	const syllable = number % count;
	const rest = Math.floor(number / count);
	const last = consonants[Math.floor(syllable / vowels.length)]! + vowels[syllable % vowels.length]!;
	return rest === 0 ? last : madeUpWord(rest - 1) + last;
}

/** A file of equally probable pieces, as `readSentencePiece` reads it. */
function sentencePieces(pieces: readonly string[]): Uint8Array {
	const model = new BinaryWriter();
	const add = (text: string, score: number, type: number) => {
		model.tag(1, WireType.LengthDelimited).fork();
		model.tag(1, WireType.LengthDelimited).string(text);
		model.tag(2, WireType.Bit32).float(score);
		model.tag(3, WireType.Varint).int32(type);
		model.join();
	};
	add('<unk>', 0, pieceTypes.unknown);
	for (const piece of pieces) add(piece, -Math.log(pieces.length), pieceTypes.normal);
	return model.finish();
}
