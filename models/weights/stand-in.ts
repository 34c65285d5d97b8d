import type { FloatType } from '../onnx/types.ts';
import { elementsOf } from './checkpoint.ts';
import { packFloats } from './convert.ts';
import { writeSafetensors, type Sink, type TensorToWrite } from './safetensors-writer.ts';

/**
 * Weights from a formula, for tests and benchmarks without a checkpoint: a hash of the tensor's name and the element's index, the
 * same in any language (`parity/pseudo.py` is the reference). Networks compute with them at full cost; what they say means nothing.
 */

/** (base, amplitude) of tensors that the rule does not suit. */
export type Overrides = Readonly<Record<string, readonly [base: number, amplitude: number]>>;

export interface StandInOptions {
	/** Scales the amplitude of matrices and kernels; 1 when left out. */
	readonly gain?: number;
	readonly override?: Overrides;
	/** Stands before the names where the file is a part of a checkpoint: values and overrides go by the whole name. */
	readonly prefix?: string;
	/** What the numbers are stored in; float32 when left out. */
	readonly dtype?: FloatType;
	/** One tensor under several names: by each name the one that its values are made under. */
	readonly tied?: Readonly<Record<string, string>>;
}

/** What the metadata of a file of stand-in weights says under `splazmatte`. */
export const standInMark = 'stand-in';

/** Elements that are made at once. */
const chunkElements = 1 << 20;

/** Elements `start` to `start + count` of the sequence in [-1, 1) that belongs to a name. */
export function unit(name: string, count: number, start = 0): Float64Array {
	const values = new Float64Array(count);
	let x = (fnv1a(name) + Math.imul(start, 0x9e3779b9)) | 0;
	for (let i = 0; i < count; i++) {
		values[i] = mix(x) / 2 ** 23 - 1;
		x = (x + 0x9e3779b9) | 0;
	}
	return values;
}

/** A tensor of stand-in weights in float32, row-major; `name` is its name in the official checkpoint. */
export function standInWeight(
	name: string,
	shape: readonly number[],
	gain = 1,
	override?: Overrides
): Float32Array {
	return scaled(name, shape, { gain, override }, 0, elementsOf(shape));
}

/**
 * Writes a safetensors file of stand-in weights, of any size: at most a few megabytes are held at once.
 * @param shapes the shape of each tensor by its name, which begins with the prefix
 */
export async function writeStandIn(
	shapes: Readonly<Record<string, readonly number[]>>,
	options: StandInOptions,
	write: Sink
): Promise<void> {
	const { prefix = '', dtype = 'float32' } = options;
	const tensors = Object.entries(shapes).map(([whole, shape]): TensorToWrite => {
		const name = whole.slice(prefix.length);
		// Batch normalisation's counter, the one tensor of integers that such checkpoints carry.
		if (name.endsWith('num_batches_tracked')) {
			return { name, dtype: 'I64', shape, chunks: () => [new Uint8Array(8 * elementsOf(shape))] };
		}
		const stored = dtype === 'float32' ? 'F32' : 'F16';
		return { name, dtype: stored, shape, chunks: () => standInChunks(whole, shape, options) };
	});
	await writeSafetensors(tensors, { splazmatte: standInMark }, write);
}

function* standInChunks(name: string, shape: readonly number[], options: StandInOptions) {
	const count = elementsOf(shape);
	for (let start = 0; start < count; start += chunkElements) {
		const values = scaled(name, shape, options, start, Math.min(chunkElements, count - start));
		yield packFloats(values, options.dtype ?? 'float32');
	}
}

function scaled(
	name: string,
	shape: readonly number[],
	{ gain = 1, override = {}, tied = {} }: StandInOptions,
	start: number,
	count: number
): Float32Array {
	const [base, amplitude] = override[name] ?? rule(name, shape, gain);
	const values = new Float32Array(count);
	const units = unit(tied[name] ?? name, count, start);
	for (let i = 0; i < count; i++) values[i] = base + amplitude * units[i]!;
	return values;
}

/** Keeps activations near unit variance through layers of any width. */
function rule(name: string, shape: readonly number[], gain: number): readonly [number, number] {
	if (name.endsWith('running_var')) return [1, 0.25];
	if (name.endsWith('running_mean')) return [0, 0.05];
	if (shape.length <= 1) return name.endsWith('weight') ? [1, 0.1] : [0, 0.05];
	return [0, gain * Math.sqrt(3 / elementsOf(shape.slice(1)))];
}

/** FNV-1a over the UTF-8 bytes, 32 bits. */
function fnv1a(text: string): number {
	let hash = 0x811c9dc5;
	for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
	return hash;
}

/** Spreads 32 bits, and keeps the upper 24. */
function mix(bits: number): number {
	let x = bits;
	x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
	x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
	return (x ^ (x >>> 15)) >>> 8;
}
