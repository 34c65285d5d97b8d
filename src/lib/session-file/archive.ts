import { BlobReader, unzipRaw, type ZipEntry } from 'unzipit';
import { appError } from '$protocol/errors.ts';
import { isPlainPath, manifestPath } from './manifest.ts';

/** Far more than a session needs. */
const limits = {
	entries: 20_000,
	/** Of the zip's own list of files. */
	directory: 16 * 2 ** 20,
	/** Our own archives are stored; others may deflate, which shrinks no session to less than a hundredth. */
	ratio: 100,
	/** In bytes, whatever the archive's size. */
	unpacked: 64 * 2 ** 20
};

/** @returns the error that tells of a damaged session file: which part of it is missing or wrong */
export function damaged(part: string, cause?: unknown): Error {
	return appError('package-damaged', { part }, { cause });
}

/** @returns the error that tells of a session file that would take too much memory or room */
export function tooLarge(bytes: number, limit: number): Error {
	return appError('package-too-large', { bytes, limit });
}

/** Reads what it is asked for, but never a list of files that is too large to be true. */
class BoundedReader extends BlobReader {
	override read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		if (length > limits.directory) throw new Error('the list of files is too long');
		return super.read(offset, length);
	}
}

/** The files inside a session file, read one by one where they lie. */
export class Archive {
	private constructor(private readonly entries: ReadonlyMap<string, ZipEntry>) {}

	/**
	 * Reads the list of files only.
	 * @throws CodedError `package-foreign`, `package-damaged`, `package-too-large`
	 */
	static async open(file: Blob): Promise<Archive> {
		const files = (await readDirectory(file)).filter(({ isDirectory }) => !isDirectory);
		const entries = new Map(files.map((entry) => [entry.name, entry]));
		if (!entries.has(manifestPath)) throw appError('package-foreign');
		if (files.length > limits.entries || entries.size < files.length) throw damaged('ZIP');
		for (const name of entries.keys()) if (!isPlainPath(name)) throw damaged(name);
		const bytes = files.reduce((sum, { size }) => sum + size, 0);
		const limit = limits.unpacked + limits.ratio * file.size;
		if (bytes > limit) throw tooLarge(bytes, limit);
		return new Archive(entries);
	}

	/**
	 * One file. A stored one is a part of the archive's own Blob; a deflated one is inflated, to no more than its stated size.
	 * @throws CodedError `package-damaged` when it is not there, damaged, or of another size than it should be
	 */
	async read(path: string, bytes?: number): Promise<Blob> {
		const entry = this.entries.get(path);
		if (!entry || (bytes !== undefined && entry.size !== bytes)) throw damaged(path);
		try {
			return await entry.blob('');
		} catch (error) {
			throw damaged(path, error);
		}
	}

	/** A text of at most so many bytes. @throws CodedError `package-damaged`, `package-too-large` */
	async readText(path: string, limit: number): Promise<string> {
		const bytes = this.entries.get(path)?.size ?? 0;
		if (bytes > limit) throw tooLarge(bytes, limit);
		return (await this.read(path)).text();
	}
}

async function readDirectory(file: Blob): Promise<ZipEntry[]> {
	try {
		return (await unzipRaw(new BoundedReader(file))).entries;
	} catch (error) {
		const start = await file.slice(0, 4).text();
		throw start === 'PK\x03\x04' ? damaged('ZIP', error) : appError('package-foreign', {}, { cause: error });
	}
}
