import type { Size } from '../frame.ts';

/** What every file begins with. */
const magic = 20000630;

/** What the second word says beside the format's version, where that is what we do not read. */
const flags = [
	[0x200, 'tiles'],
	[0x800, 'deep data'],
	[0x1000, 'several parts']
] as const;

/** Compressions by their number, and how many lines each packs together. */
export const exrCompressions = [
	{ name: 'none', lines: 1 },
	{ name: 'RLE', lines: 1 },
	{ name: 'ZIPS', lines: 1 },
	{ name: 'ZIP', lines: 16 }
] as const;
const unread = ['PIZ', 'PXR24', 'B44', 'B44A', 'DWAA', 'DWAB'];

/** Bytes of a sample by its type: whole numbers, half precision, single precision. */
export const exrSampleBytes = [4, 2, 4] as const;

export interface ExrChannel {
	readonly name: string;
	readonly type: 0 | 1 | 2;
}

export interface ExrBox extends Size {
	readonly x: number;
	readonly y: number;
}

export interface ExrHeader {
	/** In the order in which a line holds them. */
	readonly channels: readonly ExrChannel[];
	readonly compression: number;
	/** Where there are samples, and what is the picture. */
	readonly data: ExrBox;
	readonly display: ExrBox;
	/** Where the header ends. */
	readonly end: number;
}

/**
 * Reads a header up to the table of blocks that follows it.
 * @param refuse makes the error for a kind that is not read
 * @throws Error when it is damaged
 */
export function readExrHeader(reader: ExrReader, refuse: (kind: string) => Error): ExrHeader {
	if (reader.int() !== magic) throw new Error('no OpenEXR');
	const version = reader.int();
	const foreign = flags.find(([flag]) => version & flag);
	if (foreign) throw refuse(foreign[1]);
	let channels: ExrChannel[] = [];
	let compression = 0;
	const boxes = new Map<string, ExrBox>();
	for (let attribute = reader.text(); attribute !== ''; attribute = reader.text()) {
		reader.text();
		const end = reader.int() + reader.at;
		if (attribute === 'channels') channels = readChannels(reader);
		else if (attribute === 'compression') compression = reader.byte();
		else if (attribute === 'dataWindow' || attribute === 'displayWindow')
			boxes.set(attribute, readBox(reader));
		reader.at = end;
	}
	const [data, display] = [boxes.get('dataWindow'), boxes.get('displayWindow')];
	if (!data || !display || channels.length === 0) throw new Error('the header lacks something');
	if (!exrCompressions[compression])
		throw refuse(unread[compression - exrCompressions.length] ?? `${compression}`);
	return { channels, compression, data, display, end: reader.at };
}

function readChannels(reader: ExrReader): ExrChannel[] {
	const channels: ExrChannel[] = [];
	for (let name = reader.text(); name !== ''; name = reader.text()) {
		const type = reader.int();
		reader.int(); // whether it is meant to look even, which says nothing of the numbers
		const [across, down] = [reader.int(), reader.int()];
		if ((type !== 0 && type !== 1 && type !== 2) || across !== 1 || down !== 1)
			throw new Error('a channel of an unknown kind');
		channels.push({ name, type });
	}
	return channels;
}

function readBox(reader: ExrReader): ExrBox {
	const [x, y, right, bottom] = [reader.int(), reader.int(), reader.int(), reader.int()];
	const box = { x, y, width: right - x + 1, height: bottom - y + 1 };
	const isSensible = [box.width, box.height].every((side) => side > 0 && side <= 16384);
	if (!isSensible) throw new Error('a size that makes no sense');
	return box;
}

/** Reads numbers, least significant byte first, and texts that end with a zero. */
export class ExrReader {
	readonly #view: DataView;

	constructor(
		private readonly bytes: Uint8Array<ArrayBuffer>,
		public at = 0
	) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	}

	int(): number {
		this.at += 4;
		return this.#view.getInt32(this.at - 4, true);
	}

	byte(): number {
		return this.#view.getUint8(this.at++);
	}

	text(): string {
		const end = this.bytes.indexOf(0, this.at);
		if (end < 0) throw new Error('a text without an end');
		const text = new TextDecoder().decode(this.bytes.subarray(this.at, end));
		this.at = end + 1;
		return text;
	}
}
