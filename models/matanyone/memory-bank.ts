import { Tensor } from 'onnxruntime-common';
import { halves, type Numbers } from './numbers.ts';

/**
 * The frames that the network remembers, as a row for each of their tokens: the first frame, which stays, and a ring of the newest memory
 * frames. Attention does not depend on the order of tokens, so a new frame takes the place of the one that it drives out.
 */
export class MemoryBank {
	readonly #capacity: number;
	readonly #keys = new Rows();
	readonly #values = new Rows();
	/** The slot that the next frame goes to. */
	#slot = 0;

	/** @param capacity frames that it holds at most, the first one included, at least 2 */
	constructor(capacity: number) {
		this.#capacity = capacity;
	}

	/** The rows of all frames held, `[tokens, 129]` and `[tokens, 256]`; valid until the next `push`. */
	get feeds(): { readonly mem_k: Tensor; readonly mem_v: Tensor } {
		return { mem_k: this.#keys.tensor(), mem_v: this.#values.tensor() };
	}

	/** Rows of a full bank whose frames are like those held; the numbers mean nothing. */
	get largestFeeds(): { readonly mem_k: Tensor; readonly mem_v: Tensor } {
		return { mem_k: this.#keys.blank(this.#capacity), mem_v: this.#values.blank(this.#capacity) };
	}

	/**
	 * Remembers a frame; the oldest but the first is forgotten when there is no room.
	 * @param key `[tokens, 129]`
	 * @param value `[tokens, 256]`
	 */
	async push(key: Tensor, value: Tensor): Promise<void> {
		await Promise.all([
			this.#keys.write(key, this.#slot, this.#capacity),
			this.#values.write(value, this.#slot, this.#capacity)
		]);
		this.#slot = this.#slot + 1 < this.#capacity ? this.#slot + 1 : 1;
	}
}

/** The rows of several frames, without gaps, in one allocation; frames can have different numbers of them. */
class Rows {
	/** Numbers of each frame. */
	readonly #lengths: number[] = [];
	#type: 'float32' | 'float16' = 'float32';
	#channels = 0;
	#data: Numbers = new Float32Array(0);

	/** Puts a frame's rows into a slot, in place of those that are there. */
	async write(rows: Tensor, slot: number, capacity: number): Promise<void> {
		const data = halves((await rows.getData()) as Numbers);
		if (slot === 0) {
			this.#type = rows.type as 'float32' | 'float16';
			this.#channels = rows.dims[1]!;
			this.#data = this.#allocate(data.length * capacity);
		}
		const start = this.#lengths.slice(0, slot).reduce((sum, length) => sum + length, 0);
		const end = start + (this.#lengths[slot] ?? 0);
		const total = this.#total;
		const grown = total + data.length - (end - start);
		if (grown > this.#data.length) {
			const larger = this.#allocate(data.length * capacity);
			larger.set(this.#data);
			this.#data = larger;
		}
		this.#data.copyWithin(start + data.length, end, total);
		this.#data.set(data, start);
		this.#lengths[slot] = data.length;
	}

	tensor(): Tensor {
		return this.#tensorOf(this.#data.subarray(0, this.#total));
	}

	blank(frames: number): Tensor {
		return this.#tensorOf(this.#allocate(frames * Math.max(...this.#lengths)));
	}

	get #total(): number {
		return this.#lengths.reduce((sum, length) => sum + length, 0);
	}

	#allocate(length: number): Numbers {
		return this.#type === 'float32' ? new Float32Array(length) : new Uint16Array(length);
	}

	#tensorOf(data: Numbers): Tensor {
		return new Tensor(this.#type, data, [data.length / this.#channels, this.#channels]);
	}
}
