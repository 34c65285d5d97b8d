import { z } from 'zod';
import { damaged, foreign, viewOf, type ByteSource } from './byte-source.ts';
import { elementsOf, storedBytes, storedTypes, type StoredTensor, type StoredType } from './checkpoint.ts';

/** The format's own limit on the header, in bytes. */
const largestHeader = 100_000_000;

/** What the header of one safetensors file says. */
export interface SafetensorsHeader {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	readonly metadata: Readonly<Record<string, string>>;
}

const entry = z.object({
	dtype: z.string(),
	shape: z.array(z.int().nonnegative()),
	data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()])
});

/**
 * Reads and checks the header of a safetensors file: as the format demands, the tensors fill the file without holes or overlaps.
 * https://github.com/huggingface/safetensors#format
 * @throws CodedError `weights-damaged`, `weights-foreign`
 */
export async function readSafetensors(file: ByteSource, signal?: AbortSignal): Promise<SafetensorsHeader> {
	if (file.size < 10) throw damaged(file.name, `only ${file.size} bytes`);
	const start = await file.read(0, 9, signal);
	const length = viewOf(start).getBigUint64(0, true);
	if (start[8] !== 0x7b) throw foreign(file.name, 'not safetensors');
	if (length > largestHeader) throw damaged(file.name, `header of ${length} bytes`);
	const data = 8 + Number(length);
	if (data > file.size) throw damaged(file.name, 'ends within its header');

	const tensors = new Map<string, StoredTensor>();
	let metadata: Record<string, string> = {};
	for (const [name, value] of Object.entries(parseHeader(file.name, await file.read(8, data - 8, signal)))) {
		if (name !== '__metadata__') tensors.set(name, parseEntry(file.name, name, value, data));
		else metadata = parseMetadata(file.name, value);
	}
	checkLayout(file, data, tensors);
	return { tensors, metadata };
}

function parseHeader(file: string, bytes: Uint8Array): object {
	try {
		const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		if (typeof header === 'object' && header) return header;
	} catch {
		// Told below.
	}
	throw damaged(file, 'header is no JSON object');
}

function parseMetadata(file: string, value: unknown): Record<string, string> {
	const metadata = z.record(z.string(), z.string()).safeParse(value);
	if (!metadata.success) throw damaged(file, 'metadata');
	return metadata.data;
}

function parseEntry(file: string, name: string, value: unknown, data: number): StoredTensor {
	const parsed = entry.safeParse(value);
	if (!parsed.success) throw damaged(file, `header of ${name}`);
	const { dtype, shape, data_offsets: [begin, end] } = parsed.data; // prettier-ignore
	if (!isStoredType(dtype)) throw foreign(file, `${name} is of type ${dtype}`);
	if (end - begin !== elementsOf(shape) * storedBytes[dtype]) {
		throw damaged(file, `${name} has ${end - begin} bytes for ${dtype} [${shape}]`);
	}
	return { dtype, shape, file, offset: data + begin, bytes: end - begin };
}

function isStoredType(dtype: string): dtype is StoredType {
	return (storedTypes as readonly string[]).includes(dtype);
}

function checkLayout(file: ByteSource, data: number, tensors: ReadonlyMap<string, StoredTensor>): void {
	let end = data;
	const inOrder = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes);
	for (const [name, tensor] of inOrder) {
		if (tensor.offset < end) throw damaged(file.name, `${name} overlaps another tensor`);
		if (tensor.offset > end) throw damaged(file.name, `a hole before ${name}`);
		end += tensor.bytes;
	}
	if (end > file.size) throw damaged(file.name, `ends after ${file.size} of ${end} bytes`);
	if (end < file.size) throw damaged(file.name, `${file.size - end} bytes too long`);
}
