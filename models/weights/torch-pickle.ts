import { z } from 'zod';
import { modelError } from '../errors.ts';
import { damaged, foreign, type ByteSource } from './byte-source.ts';
import { elementsOf, storedBytes, type StoredTensor, type StoredType } from './checkpoint.ts';
import { unpickle, type PickleHost } from './pickle.ts';

/** What a pickle of `torch.save` says of tensors. Nothing that it asks for is executed: what is not needed to describe them is refused. */

/** How many values are looked at, and how deep: a dictionary can hold another one many times over, and even itself. */
const mostValues = 1_000_000;
const deepest = 32;

/** One run of numbers, which tensors are views of. */
export class Storage {
	constructor(
		readonly dtype: StoredType,
		readonly key: string,
		readonly elements: number
	) {}
}

export class TorchTensor {
	constructor(
		readonly storage: Storage,
		/** In elements. */
		readonly offset: number,
		readonly shape: readonly number[],
		readonly strides: readonly number[]
	) {}
}

/** The type that a pickle means by `torch.FloatStorage` and so on. */
class StorageType {
	constructor(readonly dtype: StoredType) {}
}

const size = z.int().nonnegative();
const sizes = z.array(size);
const tensorParameters = z
	.tuple([z.instanceof(Storage), size, sizes, sizes])
	.rest(z.unknown())
	.refine(([, , shape, strides]) => shape.length === strides.length);
const storageId = z
	.tuple([z.literal('storage'), z.instanceof(StorageType), z.string(), z.string(), size])
	// Before PyTorch 1.6 it could be a view of another; none ever was.
	.rest(z.null());

/** All that a pickle of tensors needs, by Python's names. */
const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
	['collections.OrderedDict', (pairs: [unknown, unknown][] = []) => new Map(pairs)],
	['torch.Size', (shape: unknown) => sizes.parse(shape)],
	['torch._utils._rebuild_parameter', (tensor: unknown) => tensor],
	[
		'torch._utils._rebuild_tensor_v2',
		(...parameters: unknown[]) => {
			const [storage, offset, shape, strides] = tensorParameters.parse(parameters);
			return new TorchTensor(storage, offset, shape, strides);
		}
	],
	['torch.DoubleStorage', new StorageType('F64')],
	['torch.FloatStorage', new StorageType('F32')],
	['torch.HalfStorage', new StorageType('F16')],
	['torch.BFloat16Storage', new StorageType('BF16')],
	['torch.LongStorage', new StorageType('I64')],
	['torch.IntStorage', new StorageType('I32')],
	['torch.ShortStorage', new StorageType('I16')],
	['torch.CharStorage', new StorageType('I8')],
	['torch.ByteStorage', new StorageType('U8')],
	['torch.BoolStorage', new StorageType('BOOL')]
]);

/** A pickle's value, and where the pickle ends. */
export interface Unpickled {
	readonly value: unknown;
	readonly end: number;
}

/**
 * Reads a pickle.
 * @param file what it is from, for messages
 * @param onStorage told of every storage that the pickle names
 * @throws CodedError `weights-unsafe`, `weights-damaged`
 */
export function unpickleTensors(
	{ name: file }: ByteSource,
	pickle: Uint8Array,
	start = 0,
	onStorage: (storage: Storage) => void = () => {}
): Unpickled {
	const refuse = (name: string): never => {
		throw modelError('weights-unsafe', { file, name });
	};
	const host: PickleHost = {
		refuse,
		global: (name) => globals.get(name) ?? refuse(name),
		persistent(id) {
			const [, { dtype }, key, , elements] = storageId.parse(id);
			const storage = new Storage(dtype, key, elements);
			onStorage(storage);
			return storage;
		}
	};
	try {
		return unpickle(pickle, host, start);
	} catch (error) {
		if (error instanceof RangeError || error instanceof TypeError || error instanceof z.ZodError) {
			throw damaged(file, 'its pickle is broken');
		}
		throw error;
	}
}

/** The tensors in dictionaries within dictionaries; keys are joined with dots, but for outer ones that all tensors share. */
export function flatten({ name: file }: ByteSource, root: unknown): [string, TorchTensor][] {
	const found: [readonly string[], TorchTensor][] = [];
	let visits = 0;
	const collect = (value: unknown, path: readonly string[]) => {
		if (++visits > mostValues || path.length > deepest) throw foreign(file, 'too many dictionaries');
		if (value instanceof TorchTensor) found.push([path, value]);
		else if (value instanceof Map) for (const [key, inner] of value) collect(inner, [...path, String(key)]);
	};
	collect(root, []);
	let shared = 0;
	const isShared = ([path]: (typeof found)[number]) =>
		path.length > shared + 1 && path[shared] === found[0]![0][shared];
	while (found.length > 0 && found.every(isShared)) shared++;
	return found.map(([path, tensor]) => [path.slice(shared).join('.'), tensor]);
}

/**
 * Where a tensor lies.
 * @param found where its storage does
 * @throws CodedError `weights-foreign` when it is not contiguous, `weights-damaged` when it lies outside of its storage
 */
export function locateTensor(
	file: ByteSource,
	name: string,
	{ storage, offset, shape, strides }: TorchTensor,
	found: { readonly offset: number; readonly bytes: number }
): StoredTensor {
	if (!isContiguous(shape, strides)) throw foreign(file.name, `${name} is not contiguous`);
	const { dtype, elements } = storage;
	const count = elementsOf(shape);
	const width = storedBytes[dtype];
	if (offset + count > elements || elements * width > found.bytes) {
		throw damaged(file.name, `${name} lies outside its ${found.bytes} bytes`);
	}
	return {
		...{ dtype, shape, file: file.name },
		...{ offset: found.offset + offset * width, bytes: count * width }
	};
}

/** Whether elements lie row-major without gaps; the stride of an axis of one element does not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
	let expected = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		if (shape[axis] !== 1 && strides[axis] !== expected) return false;
		expected *= shape[axis]!;
	}
	return true;
}
