import type { FloatType } from '../onnx/types.ts';
import { quantiseRows } from './blocks.ts';
import { elementsOf, storedBytes, type Checkpoint, type StoredTensor } from './checkpoint.ts';
import { convertFloats, isStoredFloat, packFloats, toFloat32 } from './convert.ts';
import type { PackedEntry, WeightPlan, WeightSource } from './place.ts';
import type { Sink } from './safetensors-writer.ts';

export interface PackOptions {
	readonly signal?: AbortSignal;
	/** Told the bytes written so far, of `plan.bytes`. */
	readonly progress?: (done: number) => void;
}

type Derived = Extract<WeightSource, { kind: 'derived' }>;
type Blocks = Extract<WeightSource, { kind: 'blocks' }>;

/** Bytes that are read at once, at most, of a tensor that can be taken in parts. */
const chunkBytes = 4 << 20;

/**
 * Writes the packed file of a plan as a stream. What is converted or quantised goes through in parts; only what is derived is held as
 * a whole, one at a time.
 * @throws CodedError `weights-damaged`, and what `write` and the signal throw
 */
export async function writePacked(
	plan: WeightPlan,
	checkpoint: Checkpoint,
	write: Sink,
	{ signal, progress }: PackOptions = {}
): Promise<void> {
	let done = 0;
	const put = async (chunk: Uint8Array) => {
		signal?.throwIfAborted();
		await write(chunk);
		done += chunk.byteLength;
		progress?.(done);
	};
	for (const entry of plan.entries) {
		if (done < entry.offset) await put(new Uint8Array(entry.offset - done));
		for await (const chunk of contentOf(entry, checkpoint, signal)) await put(chunk);
		const found = done - entry.offset;
		if (found !== entry.bytes) throw new Error(`${nameOf(entry.source)}: ${found} bytes, not ${entry.bytes}`);
	}
}

function nameOf(source: WeightSource): string {
	return source.kind === 'derived' ? source.key : source.tensor;
}

async function* contentOf({ source, dtype }: PackedEntry, checkpoint: Checkpoint, signal?: AbortSignal) {
	if (source.kind === 'derived') {
		yield await derive(source, dtype as FloatType, checkpoint, signal);
		return;
	}
	const stored = checkpoint.tensors.get(source.tensor)!;
	const row = source.kind === 'blocks' ? stored.bytes / stored.shape[0]! : storedBytes[stored.dtype];
	const step = Math.max(1, Math.floor(chunkBytes / row)) * row;
	for (let offset = 0; offset < stored.bytes; offset += step) {
		const bytes = Math.min(step, stored.bytes - offset);
		const part = await checkpoint.read(source.tensor, { offset, bytes, signal });
		if (source.kind === 'blocks') yield quantise(part, source, stored, dtype as FloatType);
		else yield isStoredFloat(stored.dtype) ? convertFloats(part, stored.dtype, dtype as FloatType) : part;
	}
}

async function derive(
	{ tensors, derive }: Derived,
	dtype: FloatType,
	checkpoint: Checkpoint,
	signal?: AbortSignal
): Promise<Uint8Array> {
	const values: Float32Array[] = [];
	for (const tensor of tensors) values.push(await readFloats(checkpoint, tensor, signal));
	return packFloats(derive(values), dtype);
}

/**
 * A tensor's numbers as float32.
 * @throws CodedError `weights-missing`, `weights-damaged`; Error when they are no floats
 */
export async function readFloats(
	checkpoint: Checkpoint,
	tensor: string,
	signal?: AbortSignal
): Promise<Float32Array> {
	const bytes = await checkpoint.read(tensor, { signal });
	const { dtype } = checkpoint.tensors.get(tensor)!;
	if (!isStoredFloat(dtype)) throw new Error(`${tensor} is of type ${dtype}`);
	return toFloat32(bytes, dtype);
}

/** Quantises some whole rows of a matrix. */
function quantise(
	rows: Uint8Array,
	{ blockSize, part, tensor }: Blocks,
	{ dtype, shape }: StoredTensor,
	scaleType: FloatType
): Uint8Array {
	if (!isStoredFloat(dtype)) throw new Error(`${tensor} is of type ${dtype}`);
	const { codes, scales } = quantiseRows(toFloat32(rows, dtype), elementsOf(shape.slice(1)), blockSize);
	return part === 'codes' ? codes : packFloats(scales, scaleType);
}
