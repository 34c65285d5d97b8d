import { describe, expect, it } from 'vitest';
import type { Clip, TimedFrame } from '../clip.ts';
import { modelError } from '../errors.ts';
import type { Alpha, Mask, Size } from '../frame.ts';
import { encodeMask } from '../mask.ts';
import { matteClip } from '../matte-clip.ts';
import { defaultMatteOptions, type MatteOptions, type MatterNotice } from '../matter.ts';
import { Meter } from '../meter.ts';
import { JobProgress, type Progress } from '../progress.ts';
import type { Segmenter } from '../segmenter.ts';
import type { Tensors } from '../runtime.ts';
import { createMatAnyoneMatter } from './matter.ts';
import { fakeNetworks, type GraphName } from './networks.fixture.ts';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from './options.ts';

/** Where the target is on a frame: a square that moves to the right and down. */
const corner = (index: number) => ({ x: 20 + 8 * index, y: 30 + 4 * index });
const side = 40;

/** Calls back with the place of each pixel of the target that is in the picture. */
function forTarget({ width, height }: Size, index: number, at: (place: number) => void): void {
	const { x: left, y: top } = corner(index);
	for (let y = top; y < Math.min(height, top + side); y++) {
		for (let x = left; x < Math.min(width, left + side); x++) at(y * width + x);
	}
}

/** The target is red, by as much as the frame's number tells. */
function frameOf(size: Size, index: number): TimedFrame {
	const data = new Uint8Array(size.width * size.height * 4);
	forTarget(size, index, (place) => (data[4 * place] = 255 - index));
	return { ...size, data, index, time: index / 25 };
}

function maskOf(size: Size, index: number): Mask {
	const data = new Uint8Array(size.width * size.height);
	forTarget(size, index, (place) => (data[place] = 255));
	return { ...size, data };
}

const expectedAlpha = (size: Size, index: number) =>
	maskOf(size, index).data.map((value) => (value > 0 ? 255 - index : 0));

/** Takes what is red for the target. */
const redness = ({ rgb, last_mask }: Tensors): Float32Array => {
	const data = rgb!.data as Uint8Array;
	return Float32Array.from({ length: last_mask!.size }, (_, i) => data[3 * i]! / 255);
};

/** The same, but half of it from the frame before. */
const memory = (feeds: Tensors): Float32Array => {
	const before = feeds.last_mask!.data as Float32Array;
	return redness(feeds).map((value, i) => (value + before[i]!) / 2);
};

interface Setting {
	readonly size?: Size;
	readonly options?: Partial<MatAnyoneOptions>;
	readonly finish?: Partial<MatteOptions>;
	readonly onDevice?: boolean;
	readonly alphaOf?: (feeds: Tensors, graph: GraphName) => Float32Array;
	readonly onRun?: (graph: GraphName, feeds: Tensors, size: Size) => void;
	readonly maxWorkingPixels?: number;
}

/** A matter on fake networks, and what it did. */
function setUp(setting: Setting = {}) {
	const { options, finish, alphaOf = redness, onDevice, onRun, maxWorkingPixels = Infinity } = setting;
	const opened: Size[] = [];
	const graphs: GraphName[] = [];
	const masks: Float32Array[] = [];
	const fakes: ReturnType<typeof fakeNetworks>[] = [];
	const matter = createMatAnyoneMatter({
		id: 'matanyone2',
		maxWorkingPixels: () => maxWorkingPixels,
		async open(size) {
			expect(fakes.every(({ released }) => released === 3)).toBe(true);
			opened.push(size);
			const fake = fakeNetworks(size, {
				...{ alphaOf, onDevice },
				onRun(graph, feeds) {
					graphs.push(graph);
					if (graph === 'seed') masks.push(Float32Array.from(feeds.mask!.data as Float32Array));
					onRun?.(graph, feeds, size);
				}
			});
			fakes.push(fake);
			return fake.networks;
		}
	});
	const given: MatteOptions = {
		...defaultMatteOptions,
		...finish,
		matanyone: { ...defaultMatAnyoneOptions, warmup: 1, dilate: 0, erode: 0, ...options }
	};
	return { matter, given, opened, graphs, masks };
}

/** Mattes frames of which some are keyframes. */
async function matte(
	setting: Setting & {
		readonly frames?: number;
		readonly keyframes?: readonly number[];
		readonly mask?: Mask;
	},
	signal?: AbortSignal
) {
	const { size = { width: 150, height: 110 }, frames = 3, keyframes = [0], mask } = setting;
	const { matter, given, ...seen } = setUp(setting);
	const notices: MatterNotice[] = [];
	async function* inputs() {
		for (let index = 0; index < frames; index++) {
			const masked = keyframes.includes(index);
			yield { frame: frameOf(size, index), mask: masked ? (mask ?? maskOf(size, index)) : undefined };
		}
	}
	const alphas: Alpha[] = [];
	const hooks = { signal, onNotice: (notice: MatterNotice) => notices.push(notice) };
	for await (const { frame, alpha } of matter.matte(inputs(), given, hooks)) {
		expect((frame as TimedFrame).index).toBe(alphas.length);
		alphas.push(alpha);
	}
	return { alphas, notices, ...seen };
}

/** How far each pixel of an alpha is from what is expected of a frame. */
const errors = ({ data }: Alpha, size: Size, index: number) => {
	const expected = expectedAlpha(size, index);
	return Uint8Array.from(data, (value, i) => Math.abs(value - expected[i]!));
};
const differences = (alphas: readonly Alpha[], size: Size) =>
	alphas.map((alpha, index) => errors(alpha, size, index).reduce((a, b) => Math.max(a, b)));

describe('the matter', () => {
	it.each([
		[160, 112],
		[151, 113],
		[80, 97]
	])('gives alphas of the size of the clip: %i x %i', async (width, height) => {
		const size = { width, height };
		const { alphas } = await matte({ size });
		expect(differences(alphas, size)).toEqual([0, 0, 0]);
	});

	it('grows the mask, then shrinks it, before the network sees it', async () => {
		const size = { width: 160, height: 112 };
		const marked = async (options: Partial<MatAnyoneOptions>) => {
			const { masks } = await matte({ size, options, frames: 1 });
			return masks[0]!.reduce((sum, value) => sum + value);
		};
		expect(await marked({})).toBe(side ** 2);
		expect(await marked({ dilate: 3 })).toBe((side + 2) ** 2 - 4);
		expect(await marked({ erode: 3 })).toBe((side - 2) ** 2);
		expect(await marked({ dilate: 3, erode: 3 })).toBe(side ** 2);
	});

	it.each([
		['empty', 0, 'mask-empty'],
		['full', 255, 'mask-full']
	])('refuses a mask that is %s', async (_, value, code) => {
		const size = { width: 150, height: 110 };
		const mask = { ...size, data: new Uint8Array(150 * 110).fill(value) };
		await expect(matte({ size, mask })).rejects.toMatchObject({ code });
	});

	it('refuses a mask that is empty once it has shrunk, or full once it has grown', async () => {
		const size = { width: 150, height: 110 };
		await expect(matte({ size, options: { erode: side + 3 } })).rejects.toMatchObject({ code: 'mask-empty' });
		const nearly = { ...size, data: new Uint8Array(150 * 110).fill(255, 300) };
		await expect(matte({ size, mask: nearly, options: { dilate: 10 } })).rejects.toMatchObject({
			code: 'mask-full'
		});
	});

	it('refuses a mask of another size', async () => {
		const mask = maskOf({ width: 20, height: 20 }, 0);
		await expect(matte({ mask })).rejects.toMatchObject({ code: 'mask-size' });
	});

	it('begins anew at every keyframe, with the networks that are there', async () => {
		const { graphs, opened } = await matte({ frames: 4, keyframes: [0, 2] });
		const run = ['seed', 'first', 'first', 'step'];
		expect(graphs).toEqual([...run, ...run]);
		expect(opened).toEqual([{ width: 160, height: 112 }]);
	});

	it('finishes the alpha as the user set it, but goes on from its own', async () => {
		const { alphas } = await matte({ frames: 2, finish: { gamma: 2 }, alphaOf: memory });
		const { x, y } = corner(1);
		const place = (y + 20) * 150 + x + 20;
		const plain = Math.round(((255 + 254) / 2 / 255) ** 2 * 255);
		expect(Math.abs(alphas[1]!.data[place]! - plain)).toBeLessThanOrEqual(1);
	});

	it('works on a smaller picture', async () => {
		const size = { width: 300, height: 220 };
		const { alphas, opened, notices } = await matte({ size, options: { maxSize: 110 } });
		expect(opened).toEqual([{ width: 160, height: 112 }]);
		expect(notices).toEqual([]);
		for (const [index, alpha] of alphas.entries()) {
			expect(alpha).toMatchObject(size);
			const wrong = errors(alpha, size, index).reduce((a, b) => a + b, 0) / 255;
			expect(wrong).toBeLessThan(0.1 * side ** 2);
		}
	});

	it('refuses an alpha that is no number', async () => {
		const overflow = (feeds: Tensors, graph: GraphName) =>
			graph === 'step' ? redness(feeds).fill(NaN, 7, 8) : redness(feeds);
		await expect(matte({ alphaOf: overflow })).rejects.toMatchObject({ code: 'alpha-invalid' });
		const atOnce = (feeds: Tensors) => redness(feeds).fill(Infinity, 0, 1);
		await expect(matte({ alphaOf: atOnce })).rejects.toMatchObject({ code: 'alpha-invalid' });
	});

	it('stops between the predictions of the first frame', async () => {
		const stop = new AbortController();
		let runs = 0;
		const onRun = () => {
			if (++runs === 4) stop.abort();
		};
		const matting = matte({ options: { warmup: 10 }, onRun }, stop.signal);
		await expect(matting).rejects.toMatchObject({ name: 'AbortError' });
		expect(runs).toBe(4);
	});
});

describe('working on the surroundings of the target', () => {
	it('follows the target through the picture with one set of networks', async () => {
		const size = { width: 512, height: 288 };
		const { alphas, opened } = await matte({ size, options: { crop: true }, frames: 30 });
		expect(opened).toHaveLength(1);
		expect(opened[0]!.width * opened[0]!.height).toBeLessThan((512 * 288) / 3);
		expect(differences(alphas, size)).toEqual(alphas.map(() => 0));
	});

	it('takes what it remembers along', async () => {
		const size = { width: 640, height: 360 };
		const setting = { size, alphaOf: memory, frames: 16 };
		const [cropped, whole] = await Promise.all([
			matte({ ...setting, options: { crop: true } }),
			matte({ ...setting, options: { crop: false } })
		]);
		// The trail of the target that lies outside the window is cut off.
		const close = cropped.alphas.map(({ data }, index) =>
			data.every((value, i) => Math.abs(value - whole.alphas[index]!.data[i]!) <= 3)
		);
		expect(close.every(Boolean)).toBe(true);
	});
});

describe('a target that grows', () => {
	const size = { width: 640, height: 360 };
	/** The whole window from the third frame on. */
	const growing = () => {
		let steps = 0;
		return (feeds: Tensors, graph: GraphName) =>
			graph === 'step' && ++steps > 1 ? new Float32Array(feeds.last_mask!.size).fill(1) : redness(feeds);
	};
	const options = { crop: true, allowSmaller: true };

	it('takes its state from the device before the networks there are released', async () => {
		const { alphas, opened } = await matte({
			...{ size, options, frames: 6, onDevice: true, alphaOf: growing() }
		});
		expect(opened.length).toBeGreaterThan(1);
		expect(alphas).toHaveLength(6);
	});

	it('works smaller where networks for the larger window do not fit', async () => {
		const { alphas, notices } = await matte({
			...{ size, options, frames: 6, onDevice: true, alphaOf: growing(), maxWorkingPixels: 120_000 }
		});
		expect(notices.map(({ code }) => code)).toContain('worked-smaller');
		expect(alphas).toHaveLength(6);
	});
});

describe('when memory is short', () => {
	const size = { width: 640, height: 360 };
	const allowSmaller = { allowSmaller: true };
	const lack = (limit: number, when: (graph: GraphName, feeds: Tensors) => boolean) =>
		function onRun(graph: GraphName, feeds: Tensors, { width, height }: Size) {
			if (width * height > limit && when(graph, feeds)) throw modelError('out-of-memory');
		};

	it('fails unless it may work smaller', async () => {
		const onRun = lack(1e5, (graph) => graph === 'first');
		await expect(matte({ size, onRun })).rejects.toMatchObject({ code: 'out-of-memory' });
		await expect(matte({ size, maxWorkingPixels: 1e5 })).rejects.toMatchObject({ code: 'out-of-memory' });
	});

	it.each([
		['more pixels than it may take', { maxWorkingPixels: 8e4 }],
		['the first frame', { onRun: lack(8e4, (graph) => graph === 'first') }],
		['a full memory', { onRun: lack(8e4, (_, { mem_k }) => mem_k?.dims[0] === 5 * 40 * 23) }]
	])('works smaller from the beginning, and says so: %s', async (what, setting) => {
		const { alphas, notices, opened } = await matte({ size, options: allowSmaller, ...setting });
		const last = what === 'a full memory' ? { width: 480, height: 270 } : { width: 359, height: 202 };
		expect(notices).toEqual([{ code: 'worked-smaller', params: last }]);
		expect(opened.at(-1)!.width).toBe(Math.ceil(last.width / 16) * 16);
		for (const { width, height } of alphas) expect({ width, height }).toEqual(size);
	});

	it('goes on smaller, from the last alpha, when it runs short later', async () => {
		let steps = 0;
		const onRun = lack(2e5, (graph) => graph === 'step' && ++steps === 4);
		const { alphas, notices, graphs } = await matte({ size, options: allowSmaller, onRun, frames: 6 });
		expect(notices).toEqual([{ code: 'worked-smaller', params: { width: 480, height: 270 } }]);
		const start = ['seed', 'first', 'first', 'step'];
		expect(graphs).toEqual([...start, 'step', 'step', 'step', ...start, 'step', 'step', 'step']);
		expect(differences(alphas.slice(0, 3), size)).toEqual([0, 0, 0]);
		expect(alphas).toHaveLength(6);
	});

	it('gives up when even a small size is too large', async () => {
		const setting = { maxWorkingPixels: 100, options: allowSmaller };
		await expect(matte({ size, ...setting })).rejects.toMatchObject({ code: 'out-of-memory' });
	});
});

describe('a whole clip', () => {
	const size = { width: 150, height: 110 };

	/** The frames of these numbers as a clip. */
	function clipOf(indices: readonly number[]): Clip {
		const all = indices.map((number, index) => ({ ...frameOf(size, number), index, time: index / 25 }));
		return {
			info: { ...size, frames: all.length },
			indexAt: (seconds) => Math.round(25 * seconds),
			frameAt: async (index) => all[index],
			async *frames() {
				yield* all;
			},
			async *framesBackward({ before }) {
				yield* all.filter(({ time }) => time < before).reverse();
			}
		};
	}

	async function run(indices: readonly number[], keyframes: readonly number[]) {
		const { matter, given } = setUp({ alphaOf: memory });
		const alphas: Alpha[] = [];
		const seen: Progress[] = [];
		const outcome = await matteClip({
			clip: clipOf(indices),
			keyframes: new Map(
				keyframes.map((at) => {
					const mask = encodeMask(maskOf(size, indices[at]!));
					return [at, { isEmpty: false, open: () => mask }];
				})
			),
			engine: { matter, segmenter: undefined as unknown as Segmenter },
			options: given,
			async write({ index }, alpha) {
				expect(index).toBe(alphas.length);
				alphas.push(alpha);
			},
			progress: new JobProgress(indices.length, (progress) => seen.push(progress)),
			meter: new Meter()
		});
		return { outcome, alphas: alphas.map(({ data }) => Buffer.from(data).toString('base64')), seen };
	}

	const clip = [0, 1, 2, 3, 4, 5, 6, 7];

	it('is matted backward as the reversed clip is forward', async () => {
		const { alphas, outcome } = await run(clip, [7]);
		const reversed = await run(clip.toReversed(), [0]);
		expect(outcome).toEqual({ frames: 8, lost: 0 });
		expect(alphas).toEqual(reversed.alphas.toReversed());
	});

	it('is matted in both directions from a keyframe, and anew from each later one', async () => {
		const { alphas, seen } = await run(clip, [3, 6]);
		const [before, middle, end] = await Promise.all([
			run([3, 2, 1, 0], [0]),
			run([3, 4, 5], [0]),
			run([6, 7], [0])
		]);
		expect(alphas).toEqual([...before.alphas.slice(1).toReversed(), ...middle.alphas, ...end.alphas]);
		const done = seen.map(({ done }) => done);
		expect(done).toEqual(done.toSorted((a, b) => a - b));
		expect(seen.at(-1)).toMatchObject({ stage: 'matte', done: 8, total: 8 });
	});
});
