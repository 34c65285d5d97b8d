/** Element types as safetensors names them. */
export type StoredType =
	'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** Bytes of one element. */
export const storedBytes: Readonly<Record<StoredType, number>> = {
	...{ F64: 8, I64: 8, F32: 4, I32: 4, F16: 2, BF16: 2, I16: 2, I8: 1, U8: 1, BOOL: 1 }
};

/** Where a tensor lies: contiguous, row-major, little-endian. */
export interface StoredTensor {
	readonly dtype: StoredType;
	readonly shape: readonly number[];
	/** The file's name within the checkpoint's folder. */
	readonly file: string;
	readonly offset: number;
	readonly bytes: number;
}

/** The tensors of a model as its authors published them, by their own names. Cheap to open: only the headers are read. */
export interface Checkpoint {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	readonly metadata: Readonly<Record<string, string>>;
	/** Whether the weights come from a formula and not from training: what a network says with them means nothing. */
	readonly standIn: boolean;
	/**
	 * A tensor's bytes.
	 * @throws CodedError `weights-damaged` when the file ends too early
	 */
	read(tensor: string, signal?: AbortSignal): Promise<Uint8Array>;
}
