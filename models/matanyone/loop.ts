import { Tensor } from 'onnxruntime-common';
import type { Size } from '../frame.ts';
import type { Network, Tensors } from '../runtime.ts';
import { TOKEN, type Window } from './canvas.ts';
import { MemoryBank } from './memory-bank.ts';
import { halves, type Numbers } from './numbers.ts';
import type { MatAnyoneOptions } from './options.ts';
import { relocate } from './relocate.ts';

/** MatAnyone's graphs, loaded for one size. */
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

/** Which input each output becomes in the next prediction. */
const successors = {
	alpha: 'last_mask',
	msk_value: 'last_msk_value',
	sensory_out: 'sensory',
	obj_memory_out: 'obj_memory',
	pix_feat: 'last_pix_feat'
} as const;

/** What every prediction is asked for. */
const stateOutputs = ['alpha', 'msk_value', 'obj_memory_out'];
/** What a memory frame is asked for, too. */
const rowOutputs = ['mem_k_row', 'mem_v_row'];

/** The state that lies over the picture, and for how many pixels each of its numbers stands. */
const maps: Readonly<Record<string, 1 | typeof TOKEN>> = {
	last_mask: 1,
	last_msk_value: TOKEN,
	sensory: TOKEN,
	last_pix_feat: TOKEN
};

/** How many of the frames from one memory frame to the next renew the sensory memory (`stagger_updates`). */
const STAGGER = 5;

/**
 * The recurrence of MatAnyone for one target, from a keyframe on: call `begin` with the keyframe, then `next` with each following
 * frame. Frames and alphas are of the networks' size. Written after the behaviour of matanyone/inference/inference_core.py and
 * memory_manager.py (pq-yang/MatAnyone).
 */
export class MatAnyoneLoop {
	readonly #bank: MemoryBank;
	#state: Tensors = {};
	/** Frames since the newest memory frame. */
	#age = 0;

	constructor(
		private networks: MatAnyoneNetworks,
		private size: Size,
		private readonly options: LoopOptions
	) {
		this.#bank = new MemoryBank(options.maxMemFrames);
	}

	/**
	 * Takes the keyframe and predicts it `1 + warmup` times.
	 * @param rgb height x width x 3 bytes
	 * @param mask height x width, 0 to 1
	 * @returns every prediction, each height x width, 0 to 1; the last one is the keyframe's alpha
	 */
	async *begin(rgb: Uint8Array, mask: Float32Array): AsyncGenerator<Float32Array, void, undefined> {
		const { height, width } = this.size;
		const alpha = new Tensor('float32', mask, [1, 1, height, width]);
		const seeded = await this.networks.seed.run({ ...this.#feeds(rgb), mask: alpha });
		const { f8, f4, f2, mem_k_row } = seeded;
		this.#renew({ ...seeded, alpha });
		try {
			for (let left = this.options.warmup; left >= 0; left--) {
				const wanted = [...stateOutputs, 'sensory_out', ...(left === 0 ? ['mem_v_row'] : [])];
				const feeds = { ...this.#feeds(rgb), f8: f8!, f4: f4!, f2: f2! };
				const predicted = await this.networks.first.run(feeds, wanted);
				this.#renew(predicted);
				if (left === 0) await this.#remember({ ...predicted, mem_k_row: mem_k_row! });
				yield (await predicted.alpha!.getData()) as Float32Array;
			}
		} finally {
			for (const feature of [f8, f4, f2]) feature!.dispose();
		}
	}

	/**
	 * Predicts the frame after the last one given.
	 * @param rgb height x width x 3 bytes
	 * @returns its alpha, height x width, 0 to 1
	 */
	async next(rgb: Uint8Array): Promise<Float32Array> {
		const { memEvery } = this.options;
		const age = this.#age + 1;
		const isMemory = age >= memEvery;
		const wanted = [...stateOutputs, 'pix_feat'];
		if (renewsSensory(age, memEvery)) wanted.push('sensory_out');
		if (isMemory) wanted.push(...rowOutputs);
		const predicted = await this.networks.step.run(
			{ ...this.#feeds(rgb), ...this.#bank.feeds, is_mem: new Tensor('bool', [isMemory], []) },
			wanted
		);
		this.#age = age;
		this.#renew(predicted);
		if (isMemory) await this.#remember(predicted);
		return (await predicted.alpha!.getData()) as Float32Array;
	}

	/**
	 * Predicts as `next` will when the memory is full, and forgets it: what fits now will fit later.
	 * @throws CodedError `out-of-memory`
	 */
	async rehearse(rgb: Uint8Array): Promise<void> {
		const predicted = await this.networks.step.run({
			...this.#feeds(rgb),
			...this.#bank.largestFeeds,
			is_mem: new Tensor('bool', [true], [])
		});
		for (const tensor of Object.values(predicted)) tensor.dispose();
	}

	/**
	 * Goes on in another window of the canvas, with networks of its size. Memory and state come along; what the old window did not show
	 * is taken to be like its border.
	 * @param open called once the state is in main memory: the old networks may be released then, and their device with them
	 */
	async move(open: () => Promise<MatAnyoneNetworks>, from: Window, to: Window): Promise<void> {
		const moved: Record<string, Tensor> = {};
		for (const [name, tensor] of Object.entries(this.#state)) {
			const pixels = maps[name];
			moved[name] = pixels ? await relocate(tensor, from, to, pixels) : await inMainMemory(tensor);
		}
		this.dispose();
		this.#state = moved;
		this.networks = await open();
		this.size = to;
	}

	/** Frees what the networks keep for it, on whichever device. The alphas that it gave stay. */
	dispose(): void {
		for (const tensor of Object.values(this.#state)) tensor.dispose();
		this.#state = {};
	}

	#feeds(rgb: Uint8Array): Tensors {
		const { height, width } = this.size;
		return { rgb: new Tensor('uint8', rgb, [1, height, width, 3]), ...this.#state };
	}

	/** Takes the state that a prediction leaves; what it leaves out stays as it is. */
	#renew(predicted: Tensors): void {
		const state: Record<string, Tensor> = { ...this.#state };
		for (const [output, input] of Object.entries(successors)) {
			const tensor = predicted[output];
			if (!tensor) continue;
			state[input]?.dispose();
			state[input] = tensor;
		}
		this.#state = state;
	}

	async #remember({ mem_k_row, mem_v_row }: Tensors): Promise<void> {
		await this.#bank.push(mem_k_row!, mem_v_row!);
		mem_k_row!.dispose();
		mem_v_row!.dispose();
		this.#age = 0;
	}
}

/** Whether the sensory memory is renewed so many frames after a memory frame: five times, evenly, the last on the next memory frame. */
function renewsSensory(age: number, memEvery: number): boolean {
	if (memEvery <= STAGGER) return true;
	return Array.from({ length: STAGGER }, (_, i) => 1 + ((memEvery - 1) * i) / (STAGGER - 1)).some(
		(at) => roundHalfToEven(at) === age
	);
}

/** A copy that no device holds. */
async function inMainMemory(tensor: Tensor): Promise<Tensor> {
	const data = halves((await tensor.getData()) as Numbers);
	return new Tensor(tensor.type as 'float32' | 'float16', data, tensor.dims);
}

/** Rounds as NumPy does. */
function roundHalfToEven(value: number): number {
	const down = Math.floor(value);
	const up = value - down > 0.5 || (value - down === 0.5 && down % 2 === 1);
	return up ? down + 1 : down;
}

/**
 * Runs MatAnyone over frames of the networks' own size, the first of which is the keyframe.
 * @param frames height x width x 3 bytes each
 * @param mask height x width, 0 to 1
 * @param options `withWarmup` gives out, too, the predictions that come before the first frame's alpha
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
