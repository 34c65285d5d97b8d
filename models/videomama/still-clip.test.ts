import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame, Mask } from '../frame.ts';
import { defaultMatteOptions } from '../matter.ts';
import { createBench, type Bench } from '../parity/bench.node.ts';
import { parityFile } from '../parity/parity-file.ts';
import { buildOf, frameOf, maskOf } from '../parity/videomama.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { buildVideoMaMa } from './graph.ts';
import { createVideoMaMaMatter } from './matter.ts';
import type { OpenVideoMaMa } from './networks.ts';
import { defaultVideoMaMaOptions, type VideoMaMaOptions } from './options.ts';

/** A clip in which nothing moves, on the reduced networks of the parity file. */
const clip = { width: 64, height: 60, frames: 14 };
const pixels = clip.width * clip.height;

let open: OpenVideoMaMa;
let bench: Bench;
beforeAll(async () => {
	const path = fileURLToPath(new URL('../parity/videomama.safetensors', import.meta.url));
	const file = parityFile(await openCheckpoint(path));
	bench = await createBench(file.weights);
	open = async ({ width, height }, frames) => {
		const build = {
			...buildOf(file),
			width,
			height,
			frames,
			precision: 'float32',
			attention: 'fused'
		} as const;
		const networks = await bench.open({ ...buildVideoMaMa(file.weights.tensors, build) });
		// The bench releases them.
		const kept = (name: keyof typeof networks) => ({ ...networks[name], release: async () => {} });
		return { encoder: kept('encoder'), unet: kept('unet'), decoder: kept('decoder') };
	};
});
afterAll(() => bench.dispose());

async function matte(options: Pick<VideoMaMaOptions, 'window' | 'overlap'>): Promise<Uint8Array[]> {
	const planes = frameOf(clip, 0);
	const frame: Frame = {
		...clip,
		data: Uint8Array.from({ length: 4 * pixels }, (_, i) =>
			i % 4 === 3 ? 255 : planes[(i % 4) * pixels + (i >> 2)]!
		)
	};
	const mask: Mask = { ...clip, data: maskOf(clip, 0) };
	async function* inputs() {
		for (let i = 0; i < clip.frames; i++) yield { frame, mask };
	}
	const videomama = { ...defaultVideoMaMaOptions, ...options };
	const matter = createVideoMaMaMatter({ id: 'videomama', open });
	const alphas: Uint8Array[] = [];
	for await (const { alpha } of matter.matte(inputs(), { ...defaultMatteOptions, videomama }))
		alphas.push(Uint8Array.from(alpha.data));
	return alphas;
}

/** The mean difference of two alphas, 0 to 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
	let sum = 0;
	for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
	return sum / a.length;
}

const largest = (values: readonly number[], counts: (i: number) => boolean) =>
	Math.max(...values.filter((_, i) => counts(i)));

describe('a still clip', () => {
	it('shows no seams: what changes there is no more than what changes within windows', async () => {
		// Frames 0 to 5, 4 to 9, 8 to 13.
		const windowed = await matte({ window: 6, overlap: 2 });
		const whole = await matte({ window: 14, overlap: 2 });
		expect(new Set(whole.flatMap((alpha) => [...alpha])).size).toBeGreaterThan(100);

		// 11.7 of 255 at seams, 13.3 within windows: the weights are random, and the noise is another one in every frame.
		const shared = new Set([4, 5, 8, 9]);
		const off = windowed.map((alpha, i) => difference(alpha, whole[i]!));
		expect(largest(off, (i) => shared.has(i))).toBeLessThan(0.95 * largest(off, (i) => !shared.has(i)));

		// From frame to frame: 19.3 into, through and out of a seam, 19.6 within windows, and 20.5 without windows.
		const steps = (alphas: readonly Uint8Array[]) =>
			alphas.slice(1).map((alpha, i) => difference(alpha, alphas[i]!));
		const isSeam = (i: number) => shared.has(i) || shared.has(i + 1);
		expect(largest(steps(windowed), isSeam)).toBeLessThan(largest(steps(windowed), (i) => !isSeam(i)));
		expect(largest(steps(windowed), isSeam)).toBeLessThan(largest(steps(whole), () => true));
	}, 120_000);
});
