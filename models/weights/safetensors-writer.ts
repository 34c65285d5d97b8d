import { elementsOf, storedBytes, type StoredType } from './checkpoint.ts';

/** Takes the bytes of a file, in order. */
export type Sink = (chunk: Uint8Array) => Promise<void> | void;

/** A tensor to be written; its bytes are asked for when it is its turn. */
export interface TensorToWrite {
	readonly name: string;
	readonly dtype: StoredType;
	readonly shape: readonly number[];
	/** The bytes, row-major and little-endian, in parts of any size. */
	chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Writes a safetensors file as a stream: the header, then each tensor, those of wide elements first so that all are aligned.
 * @throws Error when a tensor's bytes do not fill its shape
 */
export async function writeSafetensors(
	tensors: readonly TensorToWrite[],
	metadata: Readonly<Record<string, string>>,
	write: Sink
): Promise<void> {
	const ordered = [...tensors].sort((a, b) => storedBytes[b.dtype] - storedBytes[a.dtype]);
	const sizes = ordered.map(({ dtype, shape }) => elementsOf(shape) * storedBytes[dtype]);
	await write(packHeader(ordered, sizes, metadata));
	for (const [i, tensor] of ordered.entries()) {
		let left = sizes[i]!;
		for await (const chunk of tensor.chunks()) {
			left -= chunk.byteLength;
			await write(chunk);
		}
		if (left !== 0) throw new Error(`${tensor.name}: ${left} bytes are missing`);
	}
}

function packHeader(
	tensors: readonly TensorToWrite[],
	sizes: readonly number[],
	metadata: Readonly<Record<string, string>>
): Uint8Array {
	let end = 0;
	const entries = tensors.map(({ name, dtype, shape }, i) => {
		const begin = end;
		end += sizes[i]!;
		return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
	});
	const json = JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries]));
	const text = new TextEncoder().encode(json);
	const header = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
	new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
	header.set(text, 8);
	return header;
}
