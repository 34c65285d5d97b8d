import { modelError } from '../errors.ts';
import {
	dtypeBytes,
	type DType,
	type GraphDefinition,
	type Initializer,
	type InitializerSource,
	type Placement
} from '../onnx/types.ts';
import { blocksPerRow } from './blocks.ts';
import { elementsOf, type Checkpoint, type StoredTensor, type StoredType } from './checkpoint.ts';
import { isStoredFloat } from './convert.ts';

/** Where numbers come from that are not inside the graph. */
export type WeightSource = Exclude<InitializerSource, { kind: 'inline' }>;

/** One piece of the packed file. */
export interface PackedEntry {
	readonly source: WeightSource;
	readonly dtype: DType;
	readonly offset: number;
	readonly bytes: number;
}

/** Where the weights of some graphs lie: in the checkpoint's own files, and, what these lack, in one packed file. */
export interface WeightPlan {
	/** The packed file's name, which says what is in it: the same graphs over the same checkpoint give the same name. */
	readonly file: string;
	/** The packed file's length; 0 when none is needed. */
	readonly bytes: number;
	/** What is in the packed file, by rising offset. */
	readonly entries: readonly PackedEntry[];
	/** Where an initializer of these graphs lies; for `encodeModel`. */
	placementOf(initializer: Initializer): Placement;
}

export interface PlaceOptions {
	/** Puts everything into the packed file, so that the checkpoint itself need not be at hand where the graphs run. */
	readonly packAll?: boolean;
}

/** What changes the bytes of a packed file, other than the graphs and the checkpoint: raise it when the way of writing changes. */
const packVersion = 1;

const dtypeOf: Partial<Record<StoredType, DType>> = {
	...{ F32: 'float32', F16: 'float16', I64: 'int64', I32: 'int32', U8: 'uint8', I8: 'int8', BOOL: 'bool' }
};

/**
 * Decides where each initializer's bytes lie. A tensor that is stored as the graph wants it stays in the checkpoint's file; all else
 * is packed, each content once for all graphs.
 * @throws CodedError `weights-missing`; `weights-shape` when a tensor's type or shape is not what a graph expects
 */
export function placeWeights(
	graphs: readonly GraphDefinition[],
	checkpoint: Checkpoint,
	{ packAll = false }: PlaceOptions = {}
): WeightPlan {
	const packed = new Map<string, PackedEntry>();
	let end = 0;
	for (const initializer of graphs.flatMap(initializersOf)) {
		const { source, dtype, shape } = initializer;
		if (source.kind === 'inline') continue;
		check(initializer, source, checkpoint);
		const key = contentKey(source, dtype);
		const bytes = elementsOf(shape) * dtypeBytes[dtype];
		const known = packed.get(key);
		if (known) {
			if (known.bytes !== bytes) throw new Error(`${key} has ${known.bytes} bytes and ${bytes} bytes`);
		} else if (packAll || !inPlace(source, dtype, checkpoint)) {
			const offset = align(end, bytes);
			packed.set(key, { source, dtype, offset, bytes });
			end = offset + bytes;
		}
	}
	const content = [...packed].map(([key, { offset, bytes }]) => `${key} ${offset} ${bytes}`);
	const file = packedName([`${packVersion}`, ...content].join('\n'), checkpoint.identity);
	return {
		file,
		bytes: end,
		entries: [...packed.values()],
		placementOf({ name, source, dtype }) {
			if (source.kind === 'inline') throw new Error(`${name} is kept inside its graph`);
			const entry = packed.get(contentKey(source, dtype));
			if (entry) return { file, offset: entry.offset, bytes: entry.bytes };
			const stored = inPlace(source, dtype, checkpoint);
			if (!stored) throw new Error(`${name} belongs to another graph`);
			return { file: stored.file, offset: stored.offset, bytes: stored.bytes };
		}
	};
}

/** The part of a packed file's name that stays when the checkpoint is replaced: what is left of an older one can be found by it. */
export function packedStem(file: string): string {
	return file.slice(0, file.lastIndexOf('-') + 1);
}

function packedName(content: string, identity: string): string {
	return `packed-${fnv1a64(content)}-${fnv1a64(identity)}.bin`;
}

/** The initializers of a graph and of the graphs in its attributes (branches, loops). */
function initializersOf(graph: GraphDefinition): Initializer[] {
	const inner = graph.nodes.flatMap(({ attributes }) =>
		Object.values(attributes).flatMap((value) =>
			typeof value === 'object' && 'graph' in value ? initializersOf(value.graph) : []
		)
	);
	return [...graph.initializers, ...inner];
}

/** The stored tensor, if its bytes are just what the graph wants. */
function inPlace(source: WeightSource, dtype: DType, { tensors }: Checkpoint): StoredTensor | undefined {
	if (source.kind !== 'tensor') return undefined;
	const stored = tensors.get(source.tensor);
	return stored && dtypeOf[stored.dtype] === dtype ? stored : undefined;
}

/** Names the bytes: the same key means the same bytes. */
export function contentKey(source: WeightSource, dtype: DType): string {
	switch (source.kind) {
		case 'tensor':
			return `tensor ${source.tensor} ${dtype}`;
		case 'derived':
			return `derived ${source.key} ${dtype}`;
		case 'blocks':
			return `blocks ${source.tensor} ${source.blockSize} ${source.part} ${dtype}`;
	}
}

function check(initializer: Initializer, source: WeightSource, { tensors }: Checkpoint): void {
	const names = source.kind === 'derived' ? source.tensors : [source.tensor];
	for (const tensor of names) {
		const stored = tensors.get(tensor);
		if (!stored) throw modelError('weights-missing', { tensor });
		if (fits(initializer, source, stored)) continue;
		const expected = `${initializer.dtype} [${initializer.shape.join(', ')}]`;
		const found = `${stored.dtype} [${stored.shape.join(', ')}]`;
		throw modelError('weights-shape', { tensor, expected, found });
	}
}

/** Whether the initializer can be made from the stored tensor. */
function fits({ dtype, shape }: Initializer, source: WeightSource, stored: StoredTensor): boolean {
	const floats = isStoredFloat(stored.dtype) && (dtype === 'float32' || dtype === 'float16');
	const count = elementsOf(shape);
	switch (source.kind) {
		case 'tensor':
			return (floats || dtypeOf[stored.dtype] === dtype) && count === elementsOf(stored.shape);
		case 'derived':
			return floats;
		case 'blocks': {
			const [rows = 0, ...rest] = stored.shape;
			const blocks = rows * blocksPerRow(elementsOf(rest), source.blockSize);
			if (source.part === 'scales') return floats && count === blocks;
			return isStoredFloat(stored.dtype) && dtype === 'uint8' && count === (blocks * source.blockSize) / 2;
		}
	}
}

/** Large pieces begin on a page, so that they can be mapped into memory; small ones on a cache line. */
function align(offset: number, bytes: number): number {
	const unit = bytes >= 1 << 20 ? 4096 : 64;
	return Math.ceil(offset / unit) * unit;
}

/** FNV-1a of the UTF-8 bytes in 64 bits, as hexadecimal digits: a name, no protection against an adversary. */
function fnv1a64(text: string): string {
	let hash = 0xcbf29ce484222325n;
	for (const byte of new TextEncoder().encode(text)) {
		hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
	}
	return hash.toString(16).padStart(16, '0');
}
