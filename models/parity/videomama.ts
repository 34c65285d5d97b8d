import { Tensor } from 'onnxruntime-common';
import { z } from 'zod';
import { parseUNetConfig, parseVaeConfig } from '../videomama/config.ts';
import { buildVideoMaMa, type VideoMaMaBuild } from '../videomama/graph.ts';
import type { VideoMaMaNetworks } from '../videomama/networks.ts';
import { unit } from '../weights/stand-in.ts';
import { asOnCards } from './as-on-cards.ts';
import type { ParityModel } from './compare.ts';
import type { ParityFile } from './parity-file.ts';
import { shaped, type Named } from './shaped.ts';

const clipSchema = z.object({
	width: z.coerce.number(),
	height: z.coerce.number(),
	frames: z.coerce.number()
});
export type Clip = z.infer<typeof clipSchema>;

/** What a file's graphs are built for, but for how they compute. */
export function buildOf({ metadata }: ParityFile): Omit<VideoMaMaBuild, 'precision' | 'attention'> {
	return {
		...clipSchema.parse(metadata),
		unet: parseUNetConfig(JSON.parse(metadata.unet_config!)),
		vae: parseVaeConfig(JSON.parse(metadata.vae_config!))
	};
}

/** Frame t of the made clip: waves that wander; 3 x height x width. */
export function frameOf({ width, height }: Clip, t: number): Uint8Array {
	const noise = unit(`videomama.image.${t}`, 3 * width * height);
	return Uint8Array.from(noise, (value, i) => {
		const [x, y, c] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
		const waves = 90 * Math.sin((x + 2 * t) / 11 + c) + 30 * Math.cos((y - t) / 7 - c);
		return Math.round(Math.min(255, Math.max(0, 128 + waves + 8 * value)));
	});
}

/** The target in frame t, a disc that wanders to the right, 255 or 0: height x width. */
export function maskOf({ width, height }: Clip, t: number): Uint8Array {
	return Uint8Array.from({ length: width * height }, (_, i) => {
		const [x, y] = [i % width, Math.floor(i / width)];
		return Math.hypot(x - 0.4 * width - 2 * t, y - 0.5 * height) < 0.3 * height ? 255 : 0;
	});
}

/**
 * VideoMaMa's parity file: the inputs' formulas, the latents of frames and masks (`latent.image`, `latent.mask`), what the UNet answers for
 * all frames in one window (`latent.pred`), the pictures that they stand for (`decoded`), and `alpha`.
 */
export const videoMaMaParity: ParityModel = {
	cap: (name) => (/^(alpha|image|mask)|shape$/.test(name) ? Infinity : 8192),
	tolerance(name, { precision }) {
		if (name.endsWith('.shape')) return { largest: 0 };
		return precision === 'float32' ? { largest: 1e-3, mean: 1e-4 } : { mean: 2e-3 };
	},
	async *answers(file, open, { precision }) {
		const build = { ...buildOf(file), precision, attention: 'fused', trace: true } as const;
		yield { name: 'image.0', values: frameOf(build, 0) };
		yield { name: 'mask.0', values: maskOf(build, 0) };
		const { encoder, unet, decoder } = buildVideoMaMa(file.weights.tensors, build);
		const networks = await open({
			...{ encoder: asOnCards(encoder), unet: asOnCards(unet), decoder: asOnCards(decoder) }
		});
		yield* shaped(oneWindow(networks, build));
	}
};

/** All frames in one window. */
async function* oneWindow({ encoder, unet, decoder }: VideoMaMaNetworks, clip: Clip): AsyncGenerator<Named> {
	const { width, height, frames } = clip;
	const encode = async (pictureOf: (t: number) => Uint8Array) => {
		const pictures = new Float32Array(frames * 3 * height * width);
		for (let t = 0; t < frames; t++) {
			pictures.set(
				Float32Array.from(pictureOf(t), (value) => value / 255),
				(t * pictures.length) / frames
			);
		}
		const image = new Tensor('float32', pictures, [frames, 3, height, width]);
		return (await encoder.run({ image })).latent!;
	};
	const images = await encode((t) => frameOf(clip, t));
	yield ['latent.image', images];
	const masks = await encode((t) => {
		const mask = maskOf(clip, t);
		return Uint8Array.from([...mask, ...mask, ...mask]);
	});
	yield ['latent.mask', masks];

	const shape = images.dims;
	const noise = Float32Array.from(unit('noise', images.size), (value) => value * 1.7320508);
	const { latents } = await unet.run({
		noise: new Tensor('float32', noise, [1, ...shape]),
		frames: images.reshape([1, ...shape]),
		masks: masks.reshape([1, ...shape])
	});
	yield ['latent.pred', latents!];

	const { pictures, alpha } = await decoder.run({ latents: latents!.reshape(shape) });
	yield ['decoded', pictures!];
	yield ['alpha', alpha!.reshape([frames, height, width])];
}
