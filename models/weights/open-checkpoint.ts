import { z } from 'zod';
import { modelError } from '../errors.ts';
import { damaged, foreign, type ByteSource } from './byte-source.ts';
import type { Checkpoint, ReadOptions, StoredTensor } from './checkpoint.ts';
import { readSafetensors } from './safetensors.ts';
import { standInMark } from './stand-in.ts';
import { readTorch } from './torch.ts';

/**
 * A checkpoint that is one file, safetensors or PyTorch's, told apart by its name.
 * @throws CodedError `weights-damaged`, `weights-foreign`, `weights-unsafe`
 */
export async function openFile(file: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
	const { tensors, metadata } = await readHeader(file, signal);
	return makeCheckpoint(tensors, metadata, [file]);
}

/** The list that the hub's libraries write beside weights in several files. */
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * A checkpoint in several files, of which an index names the one that each tensor is in.
 * @param openShard opens a file of the index's folder
 * @throws CodedError `weights-absent`, `weights-damaged`, `weights-foreign`, `weights-unsafe`
 */
export async function openShards(
	index: ByteSource,
	openShard: (name: string) => Promise<ByteSource>,
	signal?: AbortSignal
): Promise<Checkpoint> {
	const map = await readIndex(index, signal);
	const files = await Promise.all([...new Set(Object.values(map))].map(openShard));
	const headers = new Map<string, FileHeader>();
	for (const file of files) headers.set(file.name, await readHeader(file, signal));
	const tensors = new Map<string, StoredTensor>();
	for (const [name, file] of Object.entries(map)) {
		const tensor = headers.get(file)!.tensors.get(name);
		if (!tensor) throw damaged(file, `lacks ${name}`);
		tensors.set(name, tensor);
	}
	const metadata = Object.assign({}, ...[...headers.values()].map((header) => header.metadata));
	return makeCheckpoint(tensors, metadata, files);
}

/**
 * Several checkpoints as one.
 * @param parts by the names of their folders, which stand before the tensors' names and the files'
 */
export function joinParts(parts: ReadonlyMap<string, Checkpoint>): Checkpoint {
	const tensors = new Map<string, StoredTensor>();
	const origins = new Map<string, readonly [part: Checkpoint, tensor: string]>();
	for (const [folder, part] of parts) {
		for (const [name, tensor] of part.tensors) {
			tensors.set(`${folder}.${name}`, { ...tensor, file: `${folder}/${tensor.file}` });
			origins.set(`${folder}.${name}`, [part, name]);
		}
	}
	const all = [...parts];
	return {
		tensors,
		metadata: {},
		standIn: all.some(([, { standIn }]) => standIn),
		identity: all.map(([folder, { identity }]) => `${folder}/ ${identity}`).join('\n'),
		async read(name, options) {
			const origin = origins.get(name);
			if (!origin) throw modelError('weights-missing', { tensor: name });
			const [part, tensor] = origin;
			return await part.read(tensor, options);
		}
	};
}

async function readIndex(index: ByteSource, signal?: AbortSignal): Promise<Readonly<Record<string, string>>> {
	let json: unknown;
	try {
		json = JSON.parse(new TextDecoder().decode(await index.read(0, index.size, signal)));
	} catch (error) {
		if (error instanceof SyntaxError) throw damaged(index.name, 'no JSON');
		throw error;
	}
	const parsed = indexSchema.safeParse(json);
	if (!parsed.success) throw foreign(index.name, 'no weight_map');
	for (const file of Object.values(parsed.data.weight_map)) {
		// The index is from elsewhere too: it must not lead out of its folder.
		if (/[/\\]|^\.\.?$/.test(file)) throw foreign(index.name, `names the file ${file}`);
	}
	return parsed.data.weight_map;
}

/** What is at the beginning, or for PyTorch at the end, of a file of weights. */
export interface FileHeader {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	readonly metadata: Readonly<Record<string, string>>;
}

async function readHeader(file: ByteSource, signal?: AbortSignal): Promise<FileHeader> {
	if (file.name.endsWith('.safetensors')) return await readSafetensors(file, signal);
	if (/\.(pth|pt|bin|ckpt)$/.test(file.name)) return { tensors: await readTorch(file, signal), metadata: {} };
	throw foreign(file.name, 'neither .safetensors nor .pth');
}

function makeCheckpoint(
	tensors: ReadonlyMap<string, StoredTensor>,
	metadata: Readonly<Record<string, string>>,
	sources: readonly ByteSource[]
): Checkpoint {
	const files = new Map(sources.map((file) => [file.name, file]));
	return {
		tensors,
		metadata,
		standIn: metadata.splazmatte === standInMark,
		identity: sources.map(({ name, size, identity }) => `${name} ${size} ${identity}`).join('\n'),
		async read(tensor: string, { offset = 0, bytes, signal }: ReadOptions = {}) {
			const stored = tensors.get(tensor);
			if (!stored) throw modelError('weights-missing', { tensor });
			const length = bytes ?? stored.bytes - offset;
			if (offset < 0 || length < 0 || offset + length > stored.bytes) {
				throw new RangeError(`${tensor} has ${stored.bytes} bytes, not ${length} from ${offset} on`);
			}
			return await files.get(stored.file)!.read(stored.offset + offset, length, signal);
		}
	};
}
