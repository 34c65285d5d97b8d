import { open, type FileHandle } from 'node:fs/promises';

/** The containers that are opened. */
export type Container = 'mp4' | 'mov' | 'avi' | 'matroska' | 'webm';

const headBytes = 64;

/** Boxes that a QuickTime or MP4 file can begin with. */
const firstBoxes = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);

/** Still pictures that share MP4's boxes (HEIF, AVIF). */
const pictureBrands = new Set(['mif1', 'heic', 'heix', 'heim', 'heis', 'avif']);

/** What a file is by its first bytes, whatever its name; undefined when it is no container of ours. */
export function sniffContainer(head: Buffer): Container | undefined {
	const text = (start: number) => head.toString('latin1', start, start + 4);
	if (head.length < 12) return undefined;
	if (head.readUInt32BE(0) === 0x1a45dfa3) return head.includes('webm') ? 'webm' : 'matroska';
	if (text(0) === 'RIFF' && text(8) === 'AVI ') return 'avi';
	if (text(4) === 'ftyp' && text(8) !== 'qt  ') return pictureBrands.has(text(8)) ? undefined : 'mp4';
	return firstBoxes.has(text(4)) ? 'mov' : undefined;
}

/**
 * Tells a file's container, and whether the file is as long as its outermost boxes say (a cut download or upload is not). Reads only
 * the headers of these boxes.
 */
export async function inspectContainer(
	path: string
): Promise<{ container: Container | undefined; whole: boolean }> {
	const file = await open(path);
	try {
		const { size } = await file.stat();
		const container = sniffContainer(await readAt(file, 0, headBytes));
		if (!container) return { container, whole: false };
		for (let position = 0; position < size;) {
			const box = await boxBytes[container](file, position);
			if (box === undefined) break;
			if (position + box > size) return { container, whole: false };
			position += box;
		}
		return { container, whole: true };
	} finally {
		await file.close();
	}
}

/** Bytes of the outermost box at a position, header included; undefined when it lasts to the end of the file or does not say. */
type BoxBytes = (file: FileHandle, position: number) => Promise<number | undefined>;

const isoBox: BoxBytes = async (file, position) => {
	const head = await readAt(file, position, 16);
	if (head.length < 8) return undefined;
	const size = head.readUInt32BE(0);
	if (size !== 1) return size >= 8 ? size : undefined;
	return head.length === 16 ? Number(head.readBigUInt64BE(8)) : Infinity;
};

const riffChunk: BoxBytes = async (file, position) => {
	const head = await readAt(file, position, 8);
	if (head.length < 8 || head.toString('latin1', 0, 4) !== 'RIFF') return undefined;
	const size = head.readUInt32LE(4);
	// Size 0: written live and never finished.
	return size === 0 ? undefined : size + 8;
};

const ebmlElement: BoxBytes = async (file, position) => {
	const head = await readAt(file, position, 12);
	const id = variableInteger(head, 0);
	const size = id && variableInteger(head, id.bytes);
	return size && !size.unknown ? id.bytes + size.bytes + size.value : undefined;
};

const boxBytes: Record<Container, BoxBytes> = {
	mp4: isoBox,
	mov: isoBox,
	avi: riffChunk,
	matroska: ebmlElement,
	webm: ebmlElement
};

/** EBML's integer of variable length: the leading zero bits of its first byte count the bytes that follow; all ones mean unknown. */
function variableInteger(
	data: Buffer,
	start: number
): { value: number; bytes: number; unknown: boolean } | undefined {
	const first = data[start];
	if (!first) return undefined;
	const bytes = Math.clz32(first) - 23;
	if (start + bytes > data.length) return undefined;
	const marker = 1 << (8 - bytes);
	let value = first - marker;
	let unknown = value === marker - 1;
	for (let i = 1; i < bytes; i++) {
		value = value * 256 + data[start + i]!;
		unknown &&= data[start + i] === 255;
	}
	return { value, bytes, unknown };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
	return buffer.subarray(0, bytesRead);
}
