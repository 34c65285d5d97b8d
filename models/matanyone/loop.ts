import { Tensor } from 'onnxruntime-common';
import type { Size } from '../frame.ts';
import type { Network, Tensors } from '../runtime.ts';
import { MemoryBank } from './memory-bank.ts';
import type { MatAnyoneOptions } from './options.ts';

/** MatAnyone's graphs, loaded for one size; see `graph.ts` for their inputs and outputs. */
export interface MatAnyoneNetworks {
	/** Looks at the first frame's mask. */
	readonly seed: Network;
	/** Predicts the first frame, again and again to warm up. */
	readonly first: Network;
	/** Predicts every later frame from the one before and the memory. */
	readonly step: Network;
}

/** How the recurrence runs. */
export type LoopOptions = Pick<MatAnyoneOptions, 'warmup' | 'memEvery' | 'maxMemFrames'>;

/** What one prediction leaves for the next; the names are those of the networks' inputs. */
interface State {
	readonly last_mask: Tensor;
	readonly last_msk_value: Tensor;
	readonly sensory: Tensor;
	readonly obj_memory: Tensor;
}

const stateOutputs = ['alpha', 'msk_value', 'sensory_out', 'obj_memory_out'];
const rowOutputs = ['mem_k_row', 'mem_v_row'];

/**
 * The recurrence of MatAnyone for one target, from a keyframe on: call `begin` with the keyframe, then `next` with each following
 * frame. Frames and alphas are of the networks' size. Written after the behaviour of matanyone/inference/inference_core.py and
 * memory_manager.py (pq-yang/MatAnyone).
 */
export class MatAnyoneLoop {
	readonly #bank: MemoryBank;
	#state: State | undefined;
	#pixFeat: Tensor | undefined;
	/** Frames since the newest memory frame. */
	#sinceMemory = 0;

	constructor(
		private readonly networks: MatAnyoneNetworks,
		private readonly size: Size,
		private readonly options: LoopOptions
	) {
		this.#bank = new MemoryBank(options.maxMemFrames);
	}

	/**
	 * Takes the keyframe and predicts it `1 + warmup` times.
	 * @param rgb height x width x 3 bytes
	 * @param mask height x width, 0 or 1
	 * @returns every prediction, each height x width, 0 to 1; the last one is the keyframe's alpha
	 */
	async *begin(rgb: Uint8Array, mask: Float32Array): AsyncGenerator<Float32Array, void, undefined> {
		const image = this.#image(rgb);
		const { height, width } = this.size;
		const given = new Tensor('float32', mask, [1, 1, height, width]);
		const seeded = await this.networks.seed.run({ rgb: image, mask: given });
		this.#replaceState({ ...seeded, alpha: given });
		for (let left = this.options.warmup; left >= 0; left--) {
			const wanted = left > 0 ? stateOutputs : [...stateOutputs, 'pix_feat', ...rowOutputs];
			const predicted = await this.networks.first.run({ rgb: image, ...this.#state! }, wanted);
			this.#replaceState(predicted);
			if (left === 0) {
				this.#pixFeat = predicted.pix_feat!;
				await this.#remember(predicted);
			}
			yield (await predicted.alpha!.getData()) as Float32Array;
		}
	}

	/**
	 * Predicts the frame after the last one given.
	 * @param rgb height x width x 3 bytes
	 * @returns its alpha, height x width, 0 to 1
	 */
	async next(rgb: Uint8Array): Promise<Float32Array> {
		const isMemory = ++this.#sinceMemory >= this.options.memEvery;
		const before = this.#pixFeat!;
		const predicted = await this.networks.step.run(
			{
				rgb: this.#image(rgb),
				...this.#state!,
				last_pix_feat: before,
				...this.#bank.feeds,
				is_mem: new Tensor('bool', [isMemory], [])
			},
			[...stateOutputs, 'pix_feat', ...(isMemory ? rowOutputs : [])]
		);
		this.#replaceState(predicted);
		this.#pixFeat = predicted.pix_feat!;
		before.dispose();
		if (isMemory) await this.#remember(predicted);
		return (await predicted.alpha!.getData()) as Float32Array;
	}

	/** Frees what the networks keep for it, on whichever device. The alphas that it gave stay. */
	dispose(): void {
		for (const tensor of Object.values(this.#state ?? {})) tensor.dispose();
		this.#pixFeat?.dispose();
		this.#state = this.#pixFeat = undefined;
	}

	#image(rgb: Uint8Array): Tensor {
		return new Tensor('uint8', rgb, [1, this.size.height, this.size.width, 3]);
	}

	#replaceState({ alpha, msk_value, sensory_out, obj_memory_out }: Tensors): void {
		const before = this.#state;
		this.#state = {
			last_mask: alpha!,
			last_msk_value: msk_value!,
			sensory: sensory_out!,
			obj_memory: obj_memory_out!
		};
		for (const tensor of Object.values(before ?? {})) tensor.dispose();
	}

	async #remember({ mem_k_row, mem_v_row }: Tensors): Promise<void> {
		await this.#bank.push(mem_k_row!, mem_v_row!);
		mem_k_row!.dispose();
		mem_v_row!.dispose();
		this.#sinceMemory = 0;
	}
}

/**
 * Runs MatAnyone over frames of the networks' own size, the first of which is the keyframe.
 * @param frames height x width x 3 bytes each
 * @param mask height x width, 0 or 1
 * @param options `withWarmup` gives the predictions out, too, that come before the first frame's alpha
 * @returns alphas in order, height x width, 0 to 1
 */
export async function* runMatAnyone(
	networks: MatAnyoneNetworks,
	size: Size,
	frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	mask: Float32Array,
	options: LoopOptions & { readonly withWarmup?: boolean }
): AsyncGenerator<Float32Array, void, undefined> {
	const loop = new MatAnyoneLoop(networks, size, options);
	let begun = false;
	try {
		for await (const rgb of frames) {
			if (begun) {
				yield await loop.next(rgb);
				continue;
			}
			begun = true;
			let left = options.warmup;
			for await (const alpha of loop.begin(rgb, mask)) {
				if (left-- === 0 || options.withWarmup) yield alpha;
			}
		}
	} finally {
		loop.dispose();
	}
}
