import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clip, TimedFrame } from '../clip.ts';
import type { Mask } from '../frame.ts';
import { encodeMask } from '../mask.ts';
import { buildMatAnyone } from '../matanyone/graph.ts';
import { runMatAnyone } from '../matanyone/loop.ts';
import { createMatAnyoneMatter } from '../matanyone/matter.ts';
import { defaultMatAnyoneOptions } from '../matanyone/options.ts';
import { matteClip } from '../matte-clip.ts';
import { defaultMatteOptions, type Matter } from '../matter.ts';
import { Meter } from '../meter.ts';
import { JobProgress } from '../progress.ts';
import { findKeyframes } from '../tracking.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench, type Bench } from './bench.node.ts';
import { comparisons } from './comparisons.fixture.ts';
import { frameOf, maskOf, matAnyoneParity } from './matanyone.ts';
import { parityFile, type ParityFile } from './parity-file.ts';

/** Milliseconds for a test that computes many frames on a machine that has others to do. */
const patience = 300_000;

const path = fileURLToPath(new URL('matanyone.safetensors', import.meta.url));

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	file = parityFile(await openCheckpoint(path));
	bench = await createBench(file.weights);
}, patience);
afterAll(() => bench.dispose());

describe('MatAnyone, held against the public implementation', () => {
	it(
		'answers the same in every step and every part of the network',
		async () => {
			const all = await comparisons(file, matAnyoneParity, bench, { precision: 'float32' });
			expect(all.filter(({ within }) => !within)).toEqual([]);
			expect(all.map(({ name }) => name).toSorted()).toEqual([...file.names].toSorted());
		},
		patience
	);

	// One frame after the first: ONNX Runtime computes half precision on a CPU a hundred times slower.
	it(
		'answers nearly the same in half precision',
		async () => {
			const all = await comparisons(file, matAnyoneParity, bench, { precision: 'float16', frames: 2 });
			const alphas = all.filter(({ name }) => name.startsWith('alpha.'));
			expect(alphas.map(({ name }) => name)).toEqual(['alpha.0', 'alpha.3', 'alpha.4']);
			expect(alphas.filter(({ within }) => !within)).toEqual([]);
		},
		patience
	);
});

describe('MatAnyone over clips', () => {
	/** A made clip whose sides are no multiples of 16. */
	const size = { width: 105, height: 99 };
	const clip = { ...size, frames: 5, warmup: 1, object: [50, 48, 26] };
	const mask: Mask = { ...size, data: Uint8Array.from(maskOf(clip), (value) => 255 * value) };
	const options = { ...defaultMatAnyoneOptions, warmup: 1, dilate: 0, erode: 0 };
	const frames = Array.from({ length: clip.frames }, (_, index): TimedFrame => {
		const rgb = frameOf(clip, index);
		const data = Uint8Array.from({ length: (4 * rgb.length) / 3 }, (_, i) =>
			i % 4 === 3 ? 255 : rgb[3 * (i >> 2) + (i % 4)]!
		);
		return { ...size, data, index, time: index / 10 };
	});

	const open = ({ width, height }: { width: number; height: number }) =>
		bench.open({ ...buildMatAnyone(file.weights.tensors, { width, height, precision: 'float32' }) });
	let matter: Matter;
	beforeAll(() => {
		matter = createMatAnyoneMatter({ id: 'matanyone', open });
	});

	async function matte(inputs: readonly TimedFrame[]): Promise<Uint8Array[]> {
		const alphas: Uint8Array[] = [];
		const masked = async function* () {
			for (const [i, frame] of inputs.entries()) yield i === 0 ? { frame, mask } : { frame };
		};
		for await (const { alpha } of matter.matte(masked(), { ...defaultMatteOptions, matanyone: options })) {
			alphas.push(Uint8Array.from(alpha.data));
		}
		return alphas;
	}

	it(
		'takes any size: the picture lies in the middle of zeros',
		async () => {
			const [width, height, left, top] = [112, 112, 3, 6];
			/** Copies a picture into the middle of zeros. */
			const padded = <T extends Uint8Array | Float32Array>(from: T, to: T, channels: number): T => {
				for (let y = 0; y < size.height; y++) {
					const row = from.subarray(y * size.width * channels, (y + 1) * size.width * channels) as T;
					to.set(row, ((y + top) * width + left) * channels);
				}
				return to;
			};
			const networks = await open({ width, height });
			const pictures = frames.map((_, t) => padded(frameOf(clip, t), new Uint8Array(3 * width * height), 3));
			const seed = padded(maskOf(clip), new Float32Array(width * height), 1);
			const expected: Uint8Array[] = [];
			for await (const alpha of runMatAnyone(networks, { width, height }, pictures, seed, options)) {
				expected.push(
					Uint8Array.from({ length: size.width * size.height }, (_, i) => {
						const [x, y] = [i % size.width, Math.floor(i / size.width)];
						return Math.round(255 * alpha[(y + top) * width + x + left]!);
					})
				);
			}
			expect(await matte(frames)).toEqual(expected);
			expect(new Set(expected[4]).size).toBeGreaterThan(10);
		},
		patience
	);

	it(
		'runs backward from a keyframe as it runs forward over the reversed clip',
		async () => {
			const at = 2;
			const source: Clip = {
				info: { ...size, frames: frames.length },
				indexAt: (seconds) => Math.round(seconds * 10),
				frameAt: async (index) => frames[index],
				async *frames() {
					yield* frames;
				},
				async *framesBackward({ before }) {
					yield* frames.filter(({ time }) => time < before).toReversed();
				}
			};
			const written: Uint8Array[] = [];
			await matteClip({
				...{ clip: source, options: { ...defaultMatteOptions, matanyone: options }, meter: new Meter() },
				keyframes: findKeyframes([{ time: frames[at]!.time, mask: encodeMask(mask) }], source),
				engine: { matter },
				write: async ({ index }, { data }) => void (written[index] = Uint8Array.from(data)),
				progress: new JobProgress(frames.length, () => undefined)
			});
			const backward = await matte(frames.slice(0, at + 1).toReversed());
			const forward = await matte(frames.slice(at));
			expect(written).toEqual([...backward.slice(1).toReversed(), ...forward]);
			expect(backward[1]).not.toEqual(forward[1]);
		},
		patience
	);
});
