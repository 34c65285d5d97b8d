import { Tensor } from 'onnxruntime-common';

/** Numbers of a tensor that a network computes with; half precision comes as its bits. */
type Numbers = Float32Array | Uint16Array;

/**
 * The frames that the network remembers, as rows for each of their tokens: the first frame, which stays, and a ring of the newest
 * memory frames. Attention does not depend on the order of tokens, so rows stay where they were written.
 */
export class MemoryBank {
	readonly #capacity: number;
	#keys: Rows | undefined;
	#values: Rows | undefined;
	#frames = 0;
	/** The slot that the next frame goes to. */
	#slot = 0;

	/** @param capacity frames that it holds at most, the first one included, at least 2 */
	constructor(capacity: number) {
		this.#capacity = capacity;
	}

	/** Frames held now. */
	get frames(): number {
		return this.#frames;
	}

	/** The rows of all frames held, `[frames * tokens, channels]` each. */
	get feeds(): { readonly mem_k: Tensor; readonly mem_v: Tensor } {
		return { mem_k: this.#keys!.tensor(this.#frames), mem_v: this.#values!.tensor(this.#frames) };
	}

	/**
	 * Remembers a frame; the oldest but the first is forgotten when there is no room.
	 * @param key `[tokens, 129]`
	 * @param value `[tokens, 256]`, of the same type
	 */
	async push(key: Tensor, value: Tensor): Promise<void> {
		this.#keys ??= new Rows(key, this.#capacity);
		this.#values ??= new Rows(value, this.#capacity);
		await Promise.all([this.#keys.write(key, this.#slot), this.#values.write(value, this.#slot)]);
		this.#frames = Math.max(this.#frames, this.#slot + 1);
		this.#slot = this.#slot + 1 < this.#capacity ? this.#slot + 1 : 1;
	}
}

/** Rows of equal length for each frame, side by side in one allocation. */
class Rows {
	readonly #type: 'float32' | 'float16';
	readonly #dims: readonly [tokens: number, channels: number];
	readonly #data: Numbers;

	constructor({ type, dims }: Tensor, capacity: number) {
		if (type !== 'float32' && type !== 'float16') throw new TypeError(`memory rows of type ${type}`);
		this.#type = type;
		this.#dims = [dims[0]!, dims[1]!];
		const length = capacity * dims[0]! * dims[1]!;
		this.#data = type === 'float32' ? new Float32Array(length) : new Uint16Array(length);
	}

	async write(rows: Tensor, slot: number): Promise<void> {
		const data = (await rows.getData()) as Numbers;
		this.#data.set(bits(data), slot * data.length);
	}

	tensor(frames: number): Tensor {
		const [tokens, channels] = this.#dims;
		const data = this.#data.subarray(0, frames * tokens * channels);
		return new Tensor(this.#type, data, [frames * tokens, channels]);
	}
}

/** Half precision as its bits: where the platform has a `Float16Array`, ONNX Runtime answers with one. */
function bits(data: Numbers): Numbers {
	if (data instanceof Float32Array || data instanceof Uint16Array) return data;
	const { buffer, byteOffset, length } = data as Uint16Array;
	return new Uint16Array(buffer, byteOffset, length);
}
