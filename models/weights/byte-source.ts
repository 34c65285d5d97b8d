import { modelError } from '../errors.ts';

/** A file that is read in parts, on a disk or behind a URL. */
export interface ByteSource {
	/** The file's name, without its folder. */
	readonly name: string;
	/** Its length in bytes. */
	readonly size: number;
	/** Another text when the file was replaced. */
	readonly identity: string;
	/**
	 * The bytes from `offset` on.
	 * @throws CodedError `weights-damaged` when the file ends before `offset + bytes`
	 */
	read(offset: number, bytes: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A view of bytes for reading little-endian numbers. */
export function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const damaged = (file: string, reason: string) => modelError('weights-damaged', { file, reason });
export const foreign = (file: string, reason: string) => modelError('weights-foreign', { file, reason });
