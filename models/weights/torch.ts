import { z } from 'zod';
import { modelError } from '../errors.ts';
import { damaged, foreign, type ByteSource } from './byte-source.ts';
import { elementsOf, storedBytes, type StoredTensor, type StoredType } from './checkpoint.ts';
import { unpickle, type PickleHost } from './pickle.ts';
import { contentOffset, readZip, type ZipEntry } from './zip.ts';

/** Larger than any list of tensors; weights themselves lie outside the pickle. */
const largestPickle = 64 << 20;

/** How many values are looked at, and how deep: a dictionary can hold another one many times over, and even itself. */
const mostValues = 1_000_000;
const deepest = 32;

/**
 * The tensors of a file that `torch.save` wrote (PyTorch 1.6 or later): a state dictionary, alone or inside others. Where the whole
 * file holds one dictionary of tensors, as in `{'state_dict': …, 'epoch': 3}`, the names are those inside it; else they begin with
 * the outer keys. The tensors are left where they lie, in files inside the zip file that are not compressed. Nothing that the pickle asks for is
 * executed: what is not needed to describe tensors is refused.
 * @throws CodedError `weights-unsafe`, `weights-damaged`, `weights-foreign`
 */
export async function readTorch(
	file: ByteSource,
	signal?: AbortSignal
): Promise<ReadonlyMap<string, StoredTensor>> {
	const entries = await readZip(file, signal);
	const pickle = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
	if (!pickle) throw foreign(file.name, 'not from PyTorch');
	const archive = new Archive(file, entries, pickle.slice(0, -'data.pkl'.length), signal);
	if (entries.has(archive.pathOf('byteorder'))) {
		const order = new TextDecoder().decode(await archive.read('byteorder', 16));
		if (order !== 'little') throw foreign(file.name, `byte order ${order}`);
	}
	const root = unpickleTensors(file, await archive.read('data.pkl', largestPickle));
	const tensors = new Map<string, StoredTensor>();
	for (const [name, tensor] of flatten(file, root)) {
		tensors.set(name, await archive.locate(name, tensor));
	}
	return tensors;
}

/** One run of numbers, which tensors are views of. */
class Storage {
	constructor(
		readonly dtype: StoredType,
		readonly key: string,
		readonly elements: number
	) {}
}

class TorchTensor {
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
const storageId = z.tuple([z.literal('storage'), z.instanceof(StorageType), z.string(), z.string(), size]);

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

function unpickleTensors({ name: file }: ByteSource, pickle: Uint8Array): unknown {
	const refuse = (name: string): never => {
		throw modelError('weights-unsafe', { file, name });
	};
	const host: PickleHost = {
		refuse,
		global: (name) => globals.get(name) ?? refuse(name),
		persistent(id) {
			const [, { dtype }, key, , elements] = storageId.parse(id);
			return new Storage(dtype, key, elements);
		}
	};
	try {
		return unpickle(pickle, host);
	} catch (error) {
		if (error instanceof RangeError || error instanceof TypeError || error instanceof z.ZodError) {
			throw damaged(file, 'its pickle is broken');
		}
		throw error;
	}
}

/** The tensors in dictionaries within dictionaries; keys are joined with dots, but for outer ones that all tensors share. */
function flatten({ name: file }: ByteSource, root: unknown): [string, TorchTensor][] {
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

/** The zip file that `torch.save` writes: a pickle, and each storage in a file of its own. */
class Archive {
	readonly #offsets = new Map<string, number>();

	constructor(
		readonly file: ByteSource,
		readonly entries: ReadonlyMap<string, ZipEntry>,
		readonly folder: string,
		readonly signal?: AbortSignal
	) {}

	pathOf(name: string): string {
		return this.folder + name;
	}

	async read(name: string, limit: number): Promise<Uint8Array> {
		const { offset, bytes } = await this.#find(name);
		if (bytes > limit) throw foreign(this.file.name, `${name} of ${bytes} bytes`);
		return await this.file.read(offset, bytes, this.signal);
	}

	async locate(name: string, { storage, offset, shape, strides }: TorchTensor): Promise<StoredTensor> {
		if (!isContiguous(shape, strides)) throw foreign(this.file.name, `${name} is not contiguous`);
		const { dtype, key, elements } = storage;
		const found = await this.#find(`data/${key}`);
		const count = elementsOf(shape);
		const width = storedBytes[dtype];
		if (offset + count > elements || elements * width > found.bytes) {
			throw damaged(this.file.name, `${name} lies outside its ${found.bytes} bytes`);
		}
		return {
			...{ dtype, shape, file: this.file.name },
			...{ offset: found.offset + offset * width, bytes: count * width }
		};
	}

	async #find(name: string): Promise<{ offset: number; bytes: number }> {
		const entry = this.entries.get(this.pathOf(name));
		if (!entry) throw damaged(this.file.name, `lacks ${name}`);
		if (!entry.stored) throw foreign(this.file.name, `${name} is compressed`);
		const offset = this.#offsets.get(name) ?? (await contentOffset(this.file, entry, this.signal));
		this.#offsets.set(name, offset);
		return { offset, bytes: entry.bytes };
	}
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
