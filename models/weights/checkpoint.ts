/** Element types as safetensors names them. */
export const storedTypes = ['F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I16', 'I8', 'U8', 'BOOL'] as const;
export type StoredType = (typeof storedTypes)[number];

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

export interface ReadOptions {
	/** Where to begin within the tensor, in bytes; 0 when left out. */
	readonly offset?: number;
	/** How many bytes from there; up to the tensor's end when left out. */
	readonly bytes?: number;
	readonly signal?: AbortSignal;
}

/** The tensors of a model as its authors published them, by their own names. Cheap to open: only the headers are read. */
export interface Checkpoint {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	readonly metadata: Readonly<Record<string, string>>;
	/** Whether the weights come from a formula and not from training: what a network says with them means nothing. */
	readonly standIn: boolean;
	/** Another text when the files were replaced: what was made from them is then made anew. */
	readonly identity: string;
	/**
	 * A tensor's bytes, or a part of them.
	 * @throws CodedError `weights-missing`; `weights-damaged` when the file ends too early
	 */
	read(tensor: string, options?: ReadOptions): Promise<Uint8Array>;
}

/** How many elements a shape has. */
export function elementsOf(shape: readonly number[]): number {
	return shape.reduce((product, size) => product * size, 1);
}
