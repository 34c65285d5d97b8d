import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { modelError } from '../../errors.ts';

/** What kinds of pieces there are (sentencepiece_model.proto, `ModelProto.SentencePiece.Type`). */
export const pieceTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface Piece {
	readonly text: string;
	/** The logarithm of its probability. */
	readonly score: number;
	/** One of `pieceTypes`. */
	readonly type: number;
}

/** What a `.spm` file holds, as far as its reader needs it. */
export interface SentencePieceModel {
	readonly pieces: readonly Piece[];
	/** Replacements of characters before pieces are looked for; see `charsmap.ts`. Empty where there are none. */
	readonly charsmap: Uint8Array;
	readonly addDummyPrefix: boolean;
	readonly removeExtraWhitespaces: boolean;
	readonly escapeWhitespaces: boolean;
}

/** `TrainerSpec.ModelType` of models that tell the most probable pieces apart. */
const UNIGRAM = 1;

/**
 * Reads a model of google/sentencepiece (`sentencepiece_model.proto`).
 * @param name the file's, for messages
 * @throws CodedError `weights-damaged`; `weights-foreign` when its pieces are no unigram model's, or may be bytes
 */
export function readSentencePiece(bytes: Uint8Array, name: string): SentencePieceModel {
	const model = readModel(bytes, name);
	if (model.modelType !== UNIGRAM) throw foreign(name, `model type ${model.modelType}`);
	if (model.pieces.some(({ type }) => type === pieceTypes.byte)) throw foreign(name, 'pieces of bytes');
	if (!model.pieces.some(({ type }) => type === pieceTypes.normal)) throw damaged(name, 'no pieces');
	return model;
}

function readModel(bytes: Uint8Array, name: string): SentencePieceModel & { modelType: number } {
	const pieces: Piece[] = [];
	const model = { pieces, modelType: UNIGRAM, ...normalizerDefaults };
	try {
		eachField(new BinaryReader(bytes), bytes.length, (reader, field) => {
			if (field === 1) pieces.push(readPiece(reader));
			else if (field === 2) model.modelType = readModelType(reader);
			else if (field === 3) Object.assign(model, readNormalizer(reader));
			else return false;
			return true;
		});
	} catch (cause) {
		throw modelError('weights-damaged', { file: name, reason: (cause as Error).message }, { cause });
	}
	return model;
}

function readPiece(reader: BinaryReader): Piece {
	const piece = { text: '', score: 0, type: pieceTypes.normal as number };
	eachField(reader, endOf(reader), (reader, field) => {
		if (field === 1) piece.text = reader.string();
		else if (field === 2) piece.score = reader.float();
		else if (field === 3) piece.type = reader.int32();
		else return false;
		return true;
	});
	return piece;
}

function readModelType(reader: BinaryReader): number {
	let type: number = UNIGRAM;
	eachField(reader, endOf(reader), (reader, field) => {
		if (field !== 3) return false;
		type = reader.int32();
		return true;
	});
	return type;
}

const normalizerDefaults = {
	charsmap: new Uint8Array() as Uint8Array,
	addDummyPrefix: true,
	removeExtraWhitespaces: true,
	escapeWhitespaces: true
};

function readNormalizer(reader: BinaryReader): Partial<typeof normalizerDefaults> {
	const spec: Partial<typeof normalizerDefaults> = {};
	eachField(reader, endOf(reader), (reader, field) => {
		if (field === 2) spec.charsmap = reader.bytes();
		else if (field === 3) spec.addDummyPrefix = reader.bool();
		else if (field === 4) spec.removeExtraWhitespaces = reader.bool();
		else if (field === 5) spec.escapeWhitespaces = reader.bool();
		else return false;
		return true;
	});
	return spec;
}

/** Where the message that begins here ends. */
function endOf(reader: BinaryReader): number {
	const length = reader.uint32();
	return reader.pos + length;
}

/** @param read reads a field's value, or says that it does not know the field */
function eachField(
	reader: BinaryReader,
	end: number,
	read: (reader: BinaryReader, field: number) => boolean
): void {
	if (end > reader.len) throw new RangeError('ends too early');
	while (reader.pos < end) {
		const [field, type]: [number, WireType] = reader.tag();
		if (!read(reader, field)) reader.skip(type, field);
	}
}

function damaged(file: string, reason: string) {
	return modelError('weights-damaged', { file, reason });
}

function foreign(file: string, reason: string) {
	return modelError('weights-foreign', { file, reason });
}
