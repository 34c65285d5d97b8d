import { CodedError } from '../errors.ts';
import { damaged, foreign, type ByteSource } from './byte-source.ts';
import { storedBytes, type StoredTensor } from './checkpoint.ts';
import { flatten, locateTensor, unpickleTensors, type Storage } from './torch-pickle.ts';

/**
 * Files of `torch.save` before PyTorch 1.6 (torch/serialization.py, `_legacy_save`): pickles one after the other (a number that marks such files, a
 * version, facts about the machine, what was saved, the storages' keys in order), then each storage: how many elements it has, in 8 bytes, and
 * these.
 */

/** A pickle of the number 0x1950a86a20f9469cfc6c. */
const mark = Uint8Array.of(
	0x80,
	2,
	0x8a,
	10,
	0x6c,
	0xfc,
	0x9c,
	0x46,
	0xf9,
	0x20,
	0x6a,
	0xa8,
	0x50,
	0x19,
	0x2e
);
const version = 1001;

/** Bytes in which the pickles are looked for at first, and at most. */
const usualHead = 1 << 20;
const largestHead = 64 << 20;

/** Whether a file begins as such files do. */
export async function isLegacyTorch(file: ByteSource, signal?: AbortSignal): Promise<boolean> {
	if (file.size < mark.length) return false;
	const start = await file.read(0, mark.length, signal);
	return mark.every((byte, i) => start[i] === byte);
}

/**
 * The tensors of such a file, as `readTorch` tells of them.
 * @throws CodedError `weights-unsafe`, `weights-damaged`, `weights-foreign`
 */
export async function readLegacyTorch(
	file: ByteSource,
	signal?: AbortSignal
): Promise<ReadonlyMap<string, StoredTensor>> {
	const { saved, storages, keys, end } = await readPickles(file, signal);
	const places = new Map<string, { offset: number; bytes: number }>();
	let at = end;
	for (const key of keys) {
		const storage = storages.get(key);
		if (!storage) throw damaged(file.name, `a storage ${key} that nothing uses`);
		const bytes = storage.elements * storedBytes[storage.dtype];
		places.set(key, { offset: at + 8, bytes });
		at += 8 + bytes;
	}
	if (at !== file.size) throw damaged(file.name, `${file.size} bytes in the place of ${at}`);
	const tensors = new Map<string, StoredTensor>();
	for (const [name, tensor] of flatten(file, saved)) {
		const place = places.get(tensor.storage.key);
		if (!place) throw damaged(file.name, `lacks ${name}`);
		tensors.set(name, locateTensor(file, name, tensor, place));
	}
	return tensors;
}

interface Pickles {
	readonly saved: unknown;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly keys: readonly string[];
	/** Where the storages begin. */
	readonly end: number;
}

async function readPickles(file: ByteSource, signal?: AbortSignal): Promise<Pickles> {
	for (let bytes = Math.min(usualHead, file.size); ; bytes = Math.min(4 * bytes, file.size, largestHead)) {
		const head = await file.read(0, bytes, signal);
		try {
			return parsePickles(file, head);
		} catch (error) {
			// They may be longer than what was read.
			const isDamaged = error instanceof CodedError && error.code === 'weights-damaged';
			if (bytes === file.size || bytes === largestHead || !isDamaged) throw error;
		}
	}
}

function parsePickles(file: ByteSource, head: Uint8Array): Pickles {
	const storages = new Map<string, Storage>();
	let end = mark.length;
	const next = () => {
		const read = unpickleTensors(file, head, end, (storage) => storages.set(storage.key, storage));
		end = read.end;
		return read.value;
	};
	if (next() !== version) throw foreign(file.name, 'of an unknown version of PyTorch');
	const machine = next();
	if (!(machine instanceof Map) || machine.get('little_endian') !== true)
		throw foreign(file.name, 'byte order big');
	const saved = next();
	const keys = next();
	if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string'))
		throw damaged(file.name, 'no list of storages');
	return { saved, storages, keys, end };
}
