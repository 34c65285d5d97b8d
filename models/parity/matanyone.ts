import { z } from 'zod';
import { buildMatAnyone } from '../matanyone/graph.ts';
import { runMatAnyone } from '../matanyone/loop.ts';
import { defaultMatAnyoneOptions } from '../matanyone/options.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import type { Network } from '../runtime.ts';
import { unit } from '../weights/stand-in.ts';
import type { Answer, ParityModel } from './compare.ts';
import type { ParityFile } from './parity-file.ts';

const clipSchema = z.object({
	width: z.coerce.number(),
	height: z.coerce.number(),
	frames: z.coerce.number(),
	warmup: z.coerce.number(),
	object: z.string().transform((text) => text.split(',').map(Number))
});
export type Clip = z.infer<typeof clipSchema>;

export function clipOf({ metadata }: ParityFile): Clip {
	return clipSchema.parse(metadata);
}

/** Frame t of the made clip: waves, and a disc that wanders to the right; height x width x 3. */
export function frameOf({ width, height, object }: Clip, t: number): Uint8Array {
	const [cx, cy, radius] = object as [number, number, number];
	const noise = unit(`image.${t}`, 3 * width * height);
	const tint = [60, -40, 20];
	const rgb = new Uint8Array(3 * width * height);
	for (let c = 0, i = 0; c < 3; c++) {
		for (let y = 0; y < height; y++) {
			for (let x = 0; x < width; x++, i++) {
				const waves = 90 * Math.sin((x + 3 * t) / 13 + c) + 30 * Math.cos((y - 2 * t) / 9 - c);
				const inside = Math.hypot(x - cx - 2 * t, y - cy) < radius + 2;
				const value = 128 + waves + (inside ? tint[c]! : 0) + 8 * noise[i]!;
				rgb[(y * width + x) * 3 + c] = Math.round(Math.min(255, Math.max(0, value)));
			}
		}
	}
	return rgb;
}

/** The target in the first frame, 0 or 1: height x width. */
export function maskOf({ width, height, object }: Clip): Float32Array {
	const [cx, cy, radius] = object as [number, number, number];
	return Float32Array.from({ length: width * height }, (_, i) =>
		Number(Math.hypot((i % width) - cx, Math.floor(i / width) - cy) < radius)
	);
}

/**
 * MatAnyone's parity file: the input's formula, `alpha.T` of some predictions and `alpha.mean` of all, and `trace.PART.CALL.OUTPUT` of the
 * parts of the network.
 */
export const matAnyoneParity: ParityModel = {
	cap: (name) => (name.startsWith('trace.') ? 2048 : Infinity),
	tolerance(name, { precision }) {
		// The memory's choice of the likeliest makes single values jump.
		if (precision === 'float32') return { largest: 5e-3, mean: 1e-4 };
		// What the parts answer has no common scale.
		return name.startsWith('trace.') ? {} : { mean: 2e-3 };
	},
	async *answers(file, open, { precision, frames }) {
		const clip = clipOf(file);
		const count = Math.min(frames ?? clip.frames, clip.frames);
		yield { name: 'mask', values: maskOf(clip).map((value) => 255 * value) };
		for (const t of [0, clip.frames - 1]) yield { name: `image.${t}`, values: planes(frameOf(clip, t)) };

		const graphs = buildMatAnyone(file.weights.tensors, { ...clip, precision, trace: true });
		const networks = await open({ ...graphs });
		const traces = new Traces();
		const alphas = runMatAnyone(
			{
				seed: traces.of(networks.seed, graphs.seed),
				first: traces.of(networks.first, graphs.first, imageParts),
				step: traces.of(networks.step, graphs.step)
			},
			clip,
			Array.from({ length: count }, (_, t) => frameOf(clip, t)),
			maskOf(clip),
			{ ...defaultMatAnyoneOptions, warmup: clip.warmup, withWarmup: true }
		);
		const means: number[] = [];
		for await (const values of alphas) {
			yield* traces.take();
			yield { name: `alpha.${means.length}`, values };
			means.push(values.reduce((sum, value) => sum + value, 0) / values.length);
		}
		if (count === clip.frames) yield { name: 'alpha.mean', values: means };
	}
};

/** What upstream computes anew whenever it predicts the first frame. */
const imageParts = ['pixel_encoder', 'pix_feat_proj', 'key_proj'];

/** Pixels by turns as one plane for each colour. */
function planes(rgb: Uint8Array): Uint8Array {
	const pixels = rgb.length / 3;
	return Uint8Array.from(rgb, (_, i) => rgb[(i % pixels) * 3 + Math.floor(i / pixels)]!);
}

/** Keeps what the parts of networks answer, numbered by how often upstream calls each. */
class Traces {
	readonly #calls = new Map<string, number>();
	readonly #latest = new Map<string, Float32Array>();
	#answers: Answer[] = [];

	/**
	 * The same network, watched.
	 * @param again parts that upstream calls here once more, and we do not: on the same input
	 */
	of(network: Network, { outputs }: GraphDefinition, again: readonly string[] = []): Network {
		const shown = outputs.map(({ name }) => name).filter((name) => name.startsWith('trace.'));
		return {
			run: async (feeds, fetches) => {
				for (const [name, values] of this.#latest) {
					if (again.includes(name.split('.')[1]!)) this.#keep(name, values);
				}
				const results = await network.run(feeds, fetches && [...fetches, ...shown]);
				for (const name of shown) this.#keep(name, (await results[name]!.getData()) as Float32Array);
				return results;
			},
			release: () => network.release()
		};
	}

	/** What came since the last time. */
	take(): Answer[] {
		const taken = this.#answers;
		this.#answers = [];
		return taken;
	}

	#keep(name: string, values: Float32Array): void {
		const [, part, output] = name.split('.') as [string, string, string];
		const calls = this.#calls.get(name) ?? 0;
		this.#calls.set(name, calls + 1);
		this.#latest.set(name, values);
		this.#answers.push({ name: `trace.${part}.${calls}.${output}`, values });
	}
}
