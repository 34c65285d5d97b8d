import { Tensor } from 'onnxruntime-common';
import type { Size } from '../frame.ts';
import type { Tensors } from '../runtime.ts';
import type { VideoMaMaNetworks } from './networks.ts';

export type GraphName = keyof VideoMaMaNetworks;

/** What one set of fake networks was asked. */
export interface Call {
	readonly graph: GraphName;
	readonly size: Size;
	readonly feeds: Tensors;
}

/**
 * Networks without weights. A latent has the means of red, green and blue over 8 x 8 pixels; the alpha's are those of the mask, unless
 * `predict` says what they are, and come back as blocks of 8 x 8 pixels.
 */
export function fakeNetworks(
	size: Size,
	options: {
		readonly calls?: Call[];
		/** A frame's alpha in an eighth of the size, from the first channel of its latents, of its mask's and of its noise. */
		readonly predict?: (frame: Float32Array, mask: Float32Array, noise: Float32Array) => Float32Array;
		/** Called before each run; may throw. */
		readonly onRun?: (call: Call) => void;
		readonly onRelease?: () => void;
	} = {}
): VideoMaMaNetworks {
	const { calls = [], predict = (_, mask) => mask, onRun, onRelease } = options;
	const [width, height] = [size.width / 8, size.height / 8];
	const place = width * height;

	const encode = ({ image }: Tensors) => {
		const data = image!.data as Float32Array;
		const count = image!.dims[0]!;
		const latent = new Float32Array(count * 4 * place);
		for (let i = 0; i < data.length; i++) {
			const plane = Math.floor(i / (64 * place));
			const [y, x] = [Math.floor((i % (64 * place)) / size.width) >> 3, (i % size.width) >> 3];
			latent[(Math.floor(plane / 3) * 4 + (plane % 3)) * place + y * width + x]! += data[i]! / 64;
		}
		return { latent: new Tensor('float32', latent, [count, 4, height, width]) };
	};
	const denoise = ({ noise, frames, masks }: Tensors) => {
		const count = frames!.dims[1]!;
		const latents = new Float32Array(count * 4 * place);
		for (let t = 0; t < count; t++) {
			const [frame, mask, own] = [frames, masks, noise].map((tensor) =>
				(tensor!.data as Float32Array).subarray(4 * t * place, (4 * t + 1) * place)
			) as [Float32Array, Float32Array, Float32Array];
			latents.set(predict(frame, mask, own), 4 * t * place);
		}
		return { latents: new Tensor('float32', latents, frames!.dims) };
	};
	const decode = ({ latents }: Tensors) => {
		const data = latents!.data as Float32Array;
		const count = latents!.dims[0]!;
		const alpha = new Float32Array(count * 64 * place);
		for (let i = 0; i < alpha.length; i++) {
			const [y, x] = [Math.floor((i % (64 * place)) / size.width) >> 3, (i % size.width) >> 3];
			alpha[i] = data[4 * Math.floor(i / (64 * place)) * place + y * width + x]!;
		}
		return { alpha: new Tensor('float32', alpha, [count, 1, size.height, size.width]) };
	};
	const network = (graph: GraphName, compute: (feeds: Tensors) => Tensors) => ({
		async run(feeds: Tensors) {
			const call = { graph, size, feeds };
			onRun?.(call);
			calls.push(call);
			return compute(feeds);
		},
		async release() {
			onRelease?.();
		}
	});
	return {
		encoder: network('encoder', encode),
		unet: network('unet', denoise),
		decoder: network('decoder', decode)
	};
}
