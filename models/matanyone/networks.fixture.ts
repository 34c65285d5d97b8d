import { Tensor } from 'onnxruntime-common';
import type { Size } from '../frame.ts';
import type { Tensors } from '../runtime.ts';
import type { MatAnyoneNetworks } from './loop.ts';

export type GraphName = keyof MatAnyoneNetworks;

/** One call of a network: what went in, what was asked for, and the tensors that came out. */
export interface Call {
	readonly graph: GraphName;
	/** The first number of each input; of the memory the first of every frame's rows. */
	readonly feeds: Readonly<Record<string, number | number[]>>;
	readonly fetches: readonly string[] | undefined;
	readonly tensors: Tensors;
}

const inputs: Record<GraphName, readonly string[]> = {
	seed: ['rgb', 'mask'],
	first: [
		...['rgb', 'f8', 'f4', 'f2', 'last_pix_feat'],
		...['last_mask', 'last_msk_value', 'sensory', 'obj_memory']
	],
	step: [
		...['rgb', 'last_mask', 'last_msk_value', 'sensory', 'obj_memory'],
		...['last_pix_feat', 'mem_k', 'mem_v', 'is_mem']
	]
};
const outputs: Record<GraphName, readonly string[]> = {
	seed: ['msk_value', 'sensory_out', 'obj_memory_out', 'pix_feat', 'f8', 'f4', 'f2', 'mem_k_row'],
	first: ['alpha', 'msk_value', 'sensory_out', 'obj_memory_out', 'mem_v_row'],
	step: ['alpha', 'pix_feat', 'msk_value', 'sensory_out', 'obj_memory_out', 'mem_k_row', 'mem_v_row']
};

const places = [
	...['alpha', 'pix_feat', 'msk_value', 'sensory_out', 'obj_memory_out', 'mem_k_row', 'mem_v_row'],
	...['f8', 'f4', 'f2']
];

/** The number that fills an output of fake networks, by the number of the call. */
export function fakeAnswer(call: number, output: string): number {
	return call * 10 + places.indexOf(output);
}

/**
 * Networks of a size that note their calls. Every number of an output is that of `fakeAnswer`, unless `alphaOf` says what the alpha
 * is.
 */
export function fakeNetworks(
	size: Size,
	options: {
		readonly calls?: Call[];
		readonly type?: 'float32' | 'float16';
		readonly alphaOf?: (feeds: Tensors, graph: GraphName) => Float32Array;
		/** Whether what comes out stays on a device, which is gone once the networks are released. */
		readonly onDevice?: boolean;
		/** Called before each run; may throw. */
		readonly onRun?: (graph: GraphName, feeds: Tensors) => void;
	} = {}
) {
	const { calls = [], type = 'float32', alphaOf, onDevice = false, onRun } = options;
	const { width, height } = size;
	const [rows, columns] = [height / 16, width / 16];
	const tokens = rows * columns;
	const shapes: Record<string, readonly number[]> = {
		rgb: [1, height, width, 3],
		mask: [1, 1, height, width],
		last_mask: [1, 1, height, width],
		last_msk_value: [1, 1, 256, rows, columns],
		sensory: [1, 1, 256, rows, columns],
		obj_memory: [1, 1, 16, 257],
		last_pix_feat: [1, 256, rows, columns],
		is_mem: [],
		f8: [1, 512, 2 * rows, 2 * columns],
		f4: [1, 256, 4 * rows, 4 * columns],
		f2: [1, 64, 8 * rows, 8 * columns],
		alpha: [1, 1, height, width],
		pix_feat: [1, 256, rows, columns],
		msk_value: [1, 1, 256, rows, columns],
		sensory_out: [1, 1, 256, rows, columns],
		obj_memory_out: [1, 1, 16, 257],
		mem_k_row: [tokens, 129],
		mem_v_row: [tokens, 256]
	};
	let released = 0;

	const filled = (name: string, value: number) => {
		const dims = shapes[name]!;
		const length = dims.reduce((product, side) => product * side, 1);
		const half = type === 'float16' && name !== 'alpha';
		const data = half ? new Uint16Array(length) : new Float32Array(length);
		return new Tensor(half ? 'float16' : 'float32', data.fill(value), [...dims]);
	};

	/** The same tensor on a device. */
	const sent = (tensor: Tensor) => {
		const { data, dims } = tensor;
		const there = <T>(value: T): T => {
			if (released > 0) throw new Error('the device is gone');
			return value;
		};
		return Tensor.fromGpuBuffer({ data } as unknown as Tensor.GpuBufferType, {
			dataType: tensor.type as 'float32' | 'float16',
			dims,
			download: async () => there(data) as Float32Array,
			dispose: () => there(undefined)
		});
	};

	const network = (graph: GraphName) => ({
		async run(feeds: Tensors, fetches?: readonly string[]): Promise<Tensors> {
			onRun?.(graph, feeds);
			const names = Object.keys(feeds).sort();
			if (names.join() !== [...inputs[graph]].sort().join())
				throw new Error(`${graph} was fed ${names.join()}`);
			const seen: Record<string, number | number[]> = {};
			for (const [name, tensor] of Object.entries(feeds)) {
				const { dims } = tensor;
				const { data } = tensor.location === 'cpu' ? tensor : (tensor.gpuBuffer as unknown as Tensor);
				const numbers = data as Float32Array;
				if (name === 'mem_k' || name === 'mem_v') {
					const length = tokens * (name === 'mem_k' ? 129 : 256);
					seen[name] = Array.from({ length: numbers.length / length }, (_, i) => numbers[i * length]!);
				} else {
					if (dims.join() !== shapes[name]!.join()) throw new Error(`${name} of ${dims.join('x')}`);
					seen[name] = numbers[0]!;
				}
			}
			const wanted = fetches ?? outputs[graph];
			const tensors: Record<string, Tensor> = {};
			for (const name of wanted) {
				if (!outputs[graph].includes(name)) throw new Error(`${graph} has no ${name}`);
				const tensor =
					name === 'alpha' && alphaOf
						? new Tensor('float32', alphaOf(feeds, graph), shapes.alpha!)
						: filled(name, fakeAnswer(calls.length, name));
				tensors[name] = onDevice ? sent(tensor) : tensor;
			}
			calls.push({ graph, feeds: seen, fetches, tensors });
			return tensors;
		},
		async release() {
			released++;
		}
	});
	return {
		networks: { seed: network('seed'), first: network('first'), step: network('step') },
		calls,
		get released() {
			return released;
		}
	};
}
