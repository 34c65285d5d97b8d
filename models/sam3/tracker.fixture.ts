import { Tensor } from 'onnxruntime-common';
import type { Network, Tensors } from '../runtime.ts';
import { parseSam3Config } from './config.ts';
import type { TrackerFeatures, TrackerModel } from './decode.ts';

/** Pixels of the input's side: a grid of 2, masks of 8 x 8. */
const size = 28;
const grid = 2;
const side = 8;

/** How the fake decoder answers for one object; what is left out is as in `seen`. */
export interface FakeAnswer {
	/** Of the four masks: everywhere this. */
	readonly logits?: readonly number[];
	readonly iou?: readonly number[];
	readonly score?: number;
}

const seen = { logits: [1, 2, 3, 4], iou: [0.5, 0.7, 0.9, 0.6], score: 3 };

/** One run of a network, by the numbers that its inputs are full of. */
export interface FakeCall {
	readonly network: string;
	readonly feeds: Tensors;
}

/**
 * Networks that tell what they were asked: features are full of their frame's number (plus 1000 where memory was attended to, plus what
 * `noMemory` says, 0.5, where none was), so are memory maps and pointers (plus 0.125 for each further mask).
 */
export function fakeTracker(answer: (frame: number, object: number) => FakeAnswer = () => ({})) {
	const calls: FakeCall[] = [];
	const network = (name: string, run: (feeds: Tensors) => Tensors): Network => ({
		async run(feeds) {
			const kept = Object.entries(feeds).map(([key, tensor]) => [key, copyOf(tensor)] as const);
			calls.push({ network: name, feeds: Object.fromEntries(kept) });
			return run(feeds);
		},
		release: async () => undefined
	});
	const model: TrackerModel = {
		networks: {
			decoder: network('decoder', ({ feature }) => {
				const objects = feature!.dims[0]!;
				const frame = Math.floor(numberOf(feature!)) % 1000;
				const answers = Array.from({ length: objects }, (_, i) => ({ ...seen, ...answer(frame, i) }));
				const pointers = answers.flatMap(() => [0, 1, 2, 3].map((i) => frame + i / 8));
				return {
					masks: full(
						[objects, 4, side, side],
						answers.flatMap(({ logits }) => logits)
					),
					iou: full(
						[objects, 4],
						answers.flatMap(({ iou }) => iou)
					),
					score: full(
						[objects, 1],
						answers.map(({ score }) => score)
					),
					pointers: full([objects, 4, 2], pointers)
				};
			}),
			memoryAttention: network('memoryAttention', ({ trk_2, memory }) => ({
				feature: full([memory!.dims[0]!, 2, grid, grid], [numberOf(trk_2!) + 1000])
			})),
			memoryEncoder: network('memoryEncoder', ({ trk_2, mask }) => ({
				memory: full([mask!.dims[0]!, 1, grid, grid], [numberOf(trk_2!)])
			})),
			maskMemory: network('maskMemory', ({ trk_2 }) => ({
				memory: full([1, 1, grid, grid], [numberOf(trk_2!)])
			})),
			maskDownsample: network('maskDownsample', ({ mask }) => ({
				mask_input: full([1, 1, side, side], [numberOf(mask!)])
			}))
		},
		constants: { noMemory: Float32Array.of(0.5, 0.5), noObjectPointer: Float32Array.of(-1, -1) },
		config: parseSam3Config({
			model_type: 'sam3_video',
			tracker_config: { memory_encoder_output_channels: 1 }
		}),
		size
	};
	const featuresOf = (frame: number): TrackerFeatures => {
		const level = () => full([1, 2, grid, grid], [frame]);
		return { trk: [level(), level(), level()] };
	};
	const last = (name: string) => calls.findLast(({ network }) => network === name)!.feeds;
	return { model, calls, featuresOf, last, picture: { width: 56, height: 28 } };
}

/** A tensor of equal parts, each full of one value. */
function full(dims: readonly number[], values: readonly number[]): Tensor {
	const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
	const length = data.length / values.length;
	for (const [i, value] of values.entries()) data.fill(value, i * length, (i + 1) * length);
	return new Tensor('float32', data, dims);
}

function copyOf({ type, data, dims }: Tensor): Tensor {
	return new Tensor(type as 'float32', (data as Float32Array).slice(), dims);
}

/** The first number of a tensor. */
export function numberOf(tensor: Tensor): number {
	return (tensor.data as Float32Array)[0]!;
}

/** The numbers that each of a tensor's parts along its first two dimensions begins with. */
export function firsts(tensor: Tensor): number[] {
	const count = tensor.dims[0]! * tensor.dims[1]!;
	return Array.from({ length: count }, (_, i) => Number(tensor.data[(i * tensor.data.length) / count]));
}
