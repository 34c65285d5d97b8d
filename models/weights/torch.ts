import { damaged, foreign, type ByteSource } from './byte-source.ts';
import type { StoredTensor } from './checkpoint.ts';
import { isLegacyTorch, readLegacyTorch } from './torch-legacy.ts';
import { flatten, locateTensor, unpickleTensors } from './torch-pickle.ts';
import { contentOffset, readZip, type ZipEntry } from './zip.ts';

/** Larger than any list of tensors; weights themselves lie outside the pickle. */
const largestPickle = 64 << 20;

/**
 * The tensors of a file that `torch.save` wrote (PyTorch 0.4 or later): a state dictionary, alone or inside others. Where the whole
 * file holds one dictionary of tensors, as in `{'state_dict': …, 'epoch': 3}`, the names are those inside it; else they begin with
 * the outer keys. The tensors are left where they lie: since PyTorch 1.6 in files inside a zip file that are not compressed, before that one
 * after the other. Nothing that the pickle asks for is executed: what is not needed to describe tensors is refused.
 * @throws CodedError `weights-unsafe`, `weights-damaged`, `weights-foreign`
 */
export async function readTorch(
	file: ByteSource,
	signal?: AbortSignal
): Promise<ReadonlyMap<string, StoredTensor>> {
	if (await isLegacyTorch(file, signal)) return readLegacyTorch(file, signal);
	const entries = await readZip(file, signal);
	const pickle = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
	if (!pickle) throw foreign(file.name, 'not from PyTorch');
	const archive = new Archive(file, entries, pickle.slice(0, -'data.pkl'.length), signal);
	if (entries.has(archive.pathOf('byteorder'))) {
		const order = new TextDecoder().decode(await archive.read('byteorder', 16));
		if (order !== 'little') throw foreign(file.name, `byte order ${order}`);
	}
	const { value } = unpickleTensors(file, await archive.read('data.pkl', largestPickle));
	const tensors = new Map<string, StoredTensor>();
	for (const [name, tensor] of flatten(file, value)) {
		const found = await archive.find(`data/${tensor.storage.key}`);
		tensors.set(name, locateTensor(file, name, tensor, found));
	}
	return tensors;
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
		const { offset, bytes } = await this.find(name);
		if (bytes > limit) throw foreign(this.file.name, `${name} of ${bytes} bytes`);
		return await this.file.read(offset, bytes, this.signal);
	}

	async find(name: string): Promise<{ offset: number; bytes: number }> {
		const entry = this.entries.get(this.pathOf(name));
		if (!entry) throw damaged(this.file.name, `lacks ${name}`);
		if (!entry.stored) throw foreign(this.file.name, `${name} is compressed`);
		const offset = this.#offsets.get(name) ?? (await contentOffset(this.file, entry, this.signal));
		this.#offsets.set(name, offset);
		return { offset, bytes: entry.bytes };
	}
}
