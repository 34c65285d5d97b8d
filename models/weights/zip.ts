import { damaged, foreign, viewOf, type ByteSource } from './byte-source.ts';

/** A file inside a zip file, as the directory at the end lists it. */
export interface ZipEntry {
	/** Where the file's own header begins; its content lies behind that. */
	readonly header: number;
	/** Bytes of its content. */
	readonly bytes: number;
	/** Whether the content lies there as it is, not compressed. */
	readonly stored: boolean;
}

const signatures = { local: 0x04034b50, directory: 0x02014b50, end: 0x06054b50, end64: 0x06064b50 };
const localBytes = 30;
const endBytes = 22;
/** The record before the end that says where the one of 64 bits is. */
const locatorBytes = 20;
const longestComment = 0xffff;
const largestDirectory = 256 << 20;

/**
 * The files inside a zip file, by name; such of more than 4 GB (zip64) too. APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 * @throws CodedError `weights-foreign` when it is none, `weights-damaged`
 */
export async function readZip(
	file: ByteSource,
	signal?: AbortSignal
): Promise<ReadonlyMap<string, ZipEntry>> {
	const start = await file.read(0, Math.min(4, file.size), signal);
	if (start.length < 4 || viewOf(start).getUint32(0, true) !== signatures.local) {
		throw foreign(file.name, 'no zip file, as PyTorch writes since 1.6');
	}
	try {
		const { offset, bytes } = await findDirectory(file, signal);
		if (bytes > largestDirectory) throw damaged(file.name, `directory of ${bytes} bytes`);
		return parseDirectory(await file.read(offset, bytes, signal));
	} catch (error) {
		// A number that lies outside of what was read, or is too large for one.
		if (error instanceof RangeError) throw damaged(file.name, 'its directory is broken');
		throw error;
	}
}

/**
 * Where an entry's content begins.
 * @throws CodedError `weights-damaged`
 */
export async function contentOffset(
	file: ByteSource,
	entry: ZipEntry,
	signal?: AbortSignal
): Promise<number> {
	const view = viewOf(await file.read(entry.header, localBytes, signal));
	const offset = entry.header + localBytes + view.getUint16(26, true) + view.getUint16(28, true);
	if (view.getUint32(0, true) !== signatures.local || offset + entry.bytes > file.size) {
		throw damaged(file.name, `no file at ${entry.header}`);
	}
	return offset;
}

async function findDirectory(file: ByteSource, signal?: AbortSignal) {
	const tailStart = Math.max(0, file.size - longestComment - endBytes - locatorBytes);
	const tail = viewOf(await file.read(tailStart, file.size - tailStart, signal));
	let end = tail.byteLength - endBytes;
	while (end >= 0 && tail.getUint32(end, true) !== signatures.end) end--;
	if (end < 0) throw damaged(file.name, 'ends without its directory');
	const bytes = tail.getUint32(end + 12, true);
	const offset = tail.getUint32(end + 16, true);
	if (offset !== 0xffffffff && bytes !== 0xffffffff) return { offset, bytes };
	const end64 = viewOf(await file.read(getNumber(tail, end - locatorBytes + 8), 56, signal));
	if (end64.getUint32(0, true) !== signatures.end64) throw damaged(file.name, 'its directory is broken');
	return { offset: getNumber(end64, 48), bytes: getNumber(end64, 40) };
}

function parseDirectory(bytes: Uint8Array): ReadonlyMap<string, ZipEntry> {
	const entries = new Map<string, ZipEntry>();
	const view = viewOf(bytes);
	for (let at = 0; at < bytes.length;) {
		if (view.getUint32(at, true) !== signatures.directory) throw new RangeError('no entry');
		const extra = at + 46 + view.getUint16(at + 28, true);
		const comment = extra + view.getUint16(at + 30, true);
		const name = new TextDecoder().decode(bytes.subarray(at + 46, extra));
		const long = longFields(view, extra, comment);
		const sizes = [24, 20, 42].map((field) => {
			const short = view.getUint32(at + field, true);
			return short === 0xffffffff ? long() : short;
		});
		const [size, , header] = sizes as [number, number, number];
		entries.set(name, { header, bytes: size, stored: view.getUint16(at + 10, true) === 0 });
		at = comment + view.getUint16(at + 32, true);
	}
	return entries;
}

/** Reads, one after the other, the numbers of an entry that 32 bits do not hold: they lie in its extra field of kind 1. */
function longFields(view: DataView, start: number, end: number): () => number {
	let at = start;
	while (at < end && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
	at += 4;
	return () => {
		if (at + 8 > end) throw new RangeError('a size is missing');
		at += 8;
		return getNumber(view, at - 8);
	};
}

function getNumber(view: DataView, offset: number): number {
	const value = Number(view.getBigUint64(offset, true));
	if (!Number.isSafeInteger(value)) throw new RangeError('a size is too large');
	return value;
}
