import { modelError } from '../errors.ts';
import { inflate } from '../inflate.ts';
import { fromFloat16 } from '../weights/float16.ts';
import {
	exrCompressions,
	ExrReader,
	exrSampleBytes,
	readExrHeader,
	type ExrChannel,
	type ExrHeader
} from './exr-header.ts';
import type { MaskPicture } from './picture.ts';

/**
 * Reads an OpenEXR picture of one part in scan lines, uncompressed or packed by RLE, ZIP or ZIPS; 0 to 1 becomes 0 to 255. Where there are layers, the first one counts that has no name, else the first.
 * The format: https://openexr.com/en/latest/OpenEXRFileLayout.html
 * @param name for messages
 * @throws CodedError `mask-exr` when it is of a kind that is not read, `mask-unreadable`
 */
export async function readMaskExr(file: Blob, name: string): Promise<MaskPicture> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	const refuse = (kind: string) => modelError('mask-exr', { name, kind });
	try {
		const header = readExrHeader(new ExrReader(bytes), refuse);
		return await readPlanes(bytes, header);
	} catch (cause) {
		if ((cause as { code?: string }).code === 'mask-exr') throw cause;
		throw modelError('mask-unreadable', { name }, { cause });
	}
}

async function readPlanes(bytes: Uint8Array<ArrayBuffer>, header: ExrHeader): Promise<MaskPicture> {
	const { channels, compression, data, display } = header;
	const { width, height } = display;
	const wanted = chooseChannels(channels);
	const plane = () => ({ width, height, data: new Uint8Array(width * height) });
	const brightness = plane();
	const alpha = wanted.alpha ? plane() : undefined;
	const { lines } = exrCompressions[compression]!;
	const stride = channels.reduce((sum, { type }) => sum + exrSampleBytes[type] * data.width, 0);
	const blocks = Math.ceil(data.height / lines);
	for (let block = 0, at = header.end + 8 * blocks; block < blocks; block++) {
		const reader = new ExrReader(bytes, at);
		const first = reader.int() - data.y;
		const size = reader.int();
		if (first < 0 || first >= data.height || size < 0) throw new Error('a line out of the picture');
		const rows = Math.min(lines, data.height - first);
		const packed = bytes.subarray(reader.at, reader.at + size);
		const plain = await unpack(packed, compression, rows * stride);
		for (let row = 0; row < rows; row++) {
			const y = data.y + first + row - display.y;
			if (y < 0 || y >= height) continue;
			let from = row * stride;
			for (const channel of channels) {
				const isAlpha = channel === wanted.alpha;
				const target = isAlpha ? alpha : wanted.colours.includes(channel) ? brightness : undefined;
				if (target) brighten(target.data.subarray(y * width, (y + 1) * width), plain, from, channel, header);
				from += exrSampleBytes[channel.type] * data.width;
			}
		}
		at = reader.at + size;
	}
	return { brightness: wanted.colours.length > 0 ? brightness : alpha!, alpha };
}

/** Red, green and blue, or the one grey channel, and the alpha, of one layer. */
function chooseChannels(channels: readonly ExrChannel[]): { colours: ExrChannel[]; alpha?: ExrChannel } {
	const layerOf = ({ name }: ExrChannel) => name.slice(0, Math.max(0, name.lastIndexOf('.')));
	const layer = channels.some((channel) => layerOf(channel) === '') ? '' : layerOf(channels[0]!);
	const own = channels.filter((channel) => layerOf(channel) === layer);
	const called = (...names: string[]) =>
		own.filter(({ name }) => names.includes(name.slice(name.lastIndexOf('.') + 1).toUpperCase()));
	const [alpha] = called('A');
	const colours = called('R', 'G', 'B', 'Y');
	const others = own.filter((channel) => channel !== alpha);
	return { colours: colours.length > 0 ? colours : others.slice(0, 1), alpha };
}

/** Raises the pixels of a line to those of a channel. */
function brighten(
	line: Uint8Array,
	plain: Uint8Array<ArrayBuffer>,
	from: number,
	{ type }: ExrChannel,
	{ data, display }: ExrHeader
): void {
	const samples = samplesOf(plain.slice(from, from + exrSampleBytes[type] * data.width), type);
	for (let i = 0; i < data.width; i++) {
		const x = data.x + i - display.x;
		if (x < 0 || x >= display.width) continue;
		// What is no number is nothing.
		const level = Math.round(255 * Math.min(1, Math.max(0, samples[i]! || 0)));
		if (level > line[x]!) line[x] = level;
	}
}

function samplesOf({ buffer }: Uint8Array<ArrayBuffer>, type: ExrChannel['type']): ArrayLike<number> {
	if (type === 1) return fromFloat16(new Uint16Array(buffer));
	return type === 0 ? new Uint32Array(buffer) : new Float32Array(buffer);
}

/** @param length bytes that come of it; as many as are packed where packing did not pay */
async function unpack(
	packed: Uint8Array<ArrayBuffer>,
	compression: number,
	length: number
): Promise<Uint8Array<ArrayBuffer>> {
	if (packed.length === length) return packed;
	const { name } = exrCompressions[compression]!;
	if (name === 'none') throw new Error('a block of the wrong length');
	const bytes =
		name === 'RLE' ? unrolled(packed, length) : await inflate(new Blob([packed]), 'deflate', length);
	// Each byte is its difference to the one before it, and the low bytes come before the high ones.
	for (let i = 1; i < length; i++) bytes[i] = bytes[i - 1]! + bytes[i]! - 128;
	const woven = new Uint8Array(length);
	const half = (length + 1) >> 1;
	for (let i = 0; i < length; i++) woven[i] = bytes[i & 1 ? half + (i >> 1) : i >> 1]!;
	return woven;
}

/** A count below zero is followed by so many bytes, another one by a byte that comes once more often. */
function unrolled(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	let to = 0;
	for (let at = 0; at < packed.length;) {
		const count = (packed[at++]! << 24) >> 24;
		const run = count < 0 ? -count : count + 1;
		if (to + run > length) throw new Error('more bytes than there should be');
		if (count < 0) bytes.set(packed.subarray(at, at + run), to);
		else bytes.fill(packed[at]!, to, to + run);
		at += count < 0 ? run : 1;
		to += run;
	}
	if (to !== length) throw new Error('fewer bytes than there should be');
	return bytes;
}
