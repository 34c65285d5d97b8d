import { describe, expect, it } from 'vitest';
import { modelError } from '../errors.ts';
import type { Alpha, Frame, Mask, Size } from '../frame.ts';
import {
	defaultMatteOptions,
	type Matted,
	type MatteOptions,
	type MatterCheckpoint,
	type MatterNotice,
	type MatterStep
} from '../matter.ts';
import { onCard } from './estimate.ts';
import { createVideoMaMaMatter, type VideoMaMaMatterOptions } from './matter.ts';
import { fakeNetworks, type Call } from './networks.fixture.ts';
import { defaultVideoMaMaOptions, type VideoMaMaOptions } from './options.ts';
import { frameNoise } from './noise.ts';

interface NumberedFrame extends Frame {
	readonly index: number;
}

/** The number of a frame is its colour. */
function frameOf(size: Size, index: number): NumberedFrame {
	return { ...size, index, data: new Uint8Array(4 * size.width * size.height).fill(index) };
}

/** A square of 32 pixels that moves by 8 to the right with each frame. */
function squareOf({ width, height }: Size, index: number, value = 255): Mask {
	const data = new Uint8Array(width * height);
	for (let y = 16; y < 48; y++) data.fill(value, y * width + 16 + 8 * index, y * width + 48 + 8 * index);
	return { width, height, data };
}

/** How many pixels' worth two alphas are apart. */
function difference(a: Alpha, b: Alpha): number {
	let sum = 0;
	for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
	return sum / 255;
}

/** Is short of memory above a size. */
const lack = ({ size }: Call) => {
	if (size.width > 800) throw modelError('out-of-memory');
};

const small: Size = { width: 128, height: 64 };

interface Setting {
	readonly size?: Size;
	readonly frames?: number;
	readonly options?: Partial<VideoMaMaOptions>;
	readonly finish?: Partial<MatteOptions>;
	readonly maskOf?: (index: number) => Mask | undefined;
	readonly predict?: NonNullable<Parameters<typeof fakeNetworks>[1]>['predict'];
	readonly onRun?: (call: Call) => void;
	readonly memory?: VideoMaMaMatterOptions['memory'];
	/** The alphas of an earlier run, and where it was interrupted. */
	readonly earlier?: { readonly alphas: readonly Alpha[]; readonly checkpoint: MatterCheckpoint };
	readonly signal?: AbortSignal;
}

/** Mattes a clip by fake networks, and tells what it saw of the work. */
async function matte(setting: Setting = {}) {
	const { size = small, frames = 12, options, finish, predict, onRun, memory, earlier, signal } = setting;
	const { maskOf = (index) => squareOf(size, index % 6) } = setting;
	const calls: Call[] = [];
	const opened: [width: number, height: number, frames: number][] = [];
	const notices: MatterNotice[] = [];
	const steps: MatterStep[] = [];
	const checkpoints: MatterCheckpoint[] = [];
	let open = 0;
	const matter = createVideoMaMaMatter({
		...{ id: 'videomama', memory },
		async open(size, frames) {
			expect(open).toBe(0);
			open = 3;
			opened.push([size.width, size.height, frames]);
			return fakeNetworks(size, { calls, predict, onRun, onRelease: () => open-- });
		}
	});
	async function* inputs() {
		for (let index = 0; index < frames; index++) {
			const known = index < (earlier?.checkpoint.frames ?? 0) ? earlier!.alphas[index] : undefined;
			yield { frame: frameOf(size, index), mask: maskOf(index), known };
		}
	}
	const given: MatteOptions = {
		...{ ...defaultMatteOptions, ...finish },
		videomama: { ...defaultVideoMaMaOptions, window: 4, overlap: 1, ...options }
	};
	const alphas: Alpha[] = [];
	const failed = await (async () => {
		const matted: AsyncIterable<Matted<NumberedFrame>> = matter.matte(inputs(), given, {
			...{ frames, signal, from: earlier?.checkpoint },
			onNotice: (notice) => notices.push(notice),
			onStep: (step) => steps.push(step),
			onCheckpoint: async (checkpoint) => void checkpoints.push(checkpoint)
		});
		for await (const { frame, alpha } of matted) {
			expect(frame.index).toBe(alphas.length);
			expect(alpha).toMatchObject(size);
			alphas.push(alpha);
		}
	})().then(
		() => undefined,
		(error: unknown) => error
	);
	return { alphas, failed, calls, opened, notices, steps, checkpoints };
}

/** The first channel of each frame's latents in what the UNet was given, at a place of the first row of 8 x 8 pixels. */
function seen({ feeds }: Call, name: 'frames' | 'masks' | 'noise', place = 0): number[] {
	const { dims, data } = feeds[name]!;
	const [, count, , height, width] = dims as [number, number, number, number, number];
	return Array.from({ length: count }, (_, t) => (data as Float32Array)[4 * t * height * width + place]!);
}
const unets = (calls: readonly Call[]) => calls.filter(({ graph }) => graph === 'unet');
/** The numbers of the frames of each window. */
const windowsOf = (calls: readonly Call[]) =>
	unets(calls).map((call) => seen(call, 'frames').map((value) => Math.round(255 * value)));

describe('windows over a clip', () => {
	it('share their overlap; the last one is shifted back', async () => {
		const { calls, opened, alphas } = await matte({ frames: 12 });
		expect(windowsOf(calls)).toEqual([
			[0, 1, 2, 3],
			[3, 4, 5, 6],
			[6, 7, 8, 9],
			[8, 9, 10, 11]
		]);
		expect(opened).toEqual([[128, 64, 4]]);
		expect(alphas.map((alpha, i) => difference(alpha, squareOf(small, i % 6)))).toEqual(alphas.map(() => 0));
	});

	it.each([1, 3])('are one where the clip has only %i frames', async (frames) => {
		const { calls, opened, alphas } = await matte({ frames });
		expect(opened).toEqual([[128, 64, frames]]);
		expect(windowsOf(calls)).toHaveLength(1);
		expect(alphas.map((alpha, i) => difference(alpha, squareOf(small, i)))).toEqual(alphas.map(() => 0));
	});

	it('give nothing for a clip without frames', async () => {
		expect(await matte({ frames: 0 })).toMatchObject({ failed: undefined, alphas: [], opened: [] });
	});

	it.each([
		[6, 4],
		[7, 6],
		[5, 1]
	])('of %i frames may share %i', async (window, overlap) => {
		const { calls, alphas } = await matte({ frames: 17, options: { window, overlap } });
		const windows = windowsOf(calls);
		expect(windows.every((frames) => frames.length === window)).toBe(true);
		expect(windows.at(-1)!.at(-1)).toBe(16);
		expect(new Set(windows.flat()).size).toBe(17);
		expect(alphas).toHaveLength(17);
	});

	it('begin a frame with the same noise, and do not encode it again', async () => {
		const { calls } = await matte({ frames: 7, options: { seed: 7 } });
		const [first, second] = unets(calls) as [Call, Call];
		expect(seen(first, 'noise')).toEqual([0, 1, 2, 3].map((i) => frameNoise(7, i, 16, 8)[0]));
		expect(seen(second, 'noise')).toEqual([3, 4, 5, 6].map((i) => frameNoise(7, i, 16, 8)[0]));
		// Seven frames and eight masks.
		expect(calls.filter(({ graph }) => graph === 'encoder')).toHaveLength(15);
	});

	it('decode eight frames at a time, as upstream does', async () => {
		const { calls } = await matte({ frames: 12, options: { window: 12 } });
		const decoded = calls.filter(({ graph }) => graph === 'decoder');
		expect(decoded.map(({ feeds }) => feeds.latents!.dims[0])).toEqual([8, 4]);
	});

	it('take the soft alpha of the one before as the mask, and fade into one another', async () => {
		const still = squareOf(small, 0);
		const inside = 2 * 16 + 2;
		// Each window takes half of the mask that it is given.
		const predict = (_: Float32Array, mask: Float32Array) => mask.map((value) => value / 2);
		const { calls, alphas } = await matte({
			...{ frames: 6, options: { window: 4, overlap: 2 }, maskOf: () => still, predict }
		});
		const [, second] = unets(calls) as [Call, Call];
		const masks = seen(second, 'masks', inside).map((value) => Math.round(255 * value));
		expect(masks).toEqual([128, 128, 255, 255]);
		const values = alphas.map(({ data }) => data[20 * 128 + 20]);
		expect(values).toEqual([128, 128, 107, 85, 128, 128]);
	});
});

describe('masks', () => {
	const faint = squareOf(small, 0, 140);
	const value = (alphas: readonly Alpha[]) => alphas[0]!.data[20 * 128 + 20];

	it('are thresholded at half, or taken with their soft edges', async () => {
		const maskOf = () => faint;
		expect(value((await matte({ frames: 1, maskOf })).alphas)).toBe(255);
		expect(value((await matte({ frames: 1, maskOf, options: { soft: true } })).alphas)).toBe(140);
	});

	it('must be there for every frame', async () => {
		const maskOf = (index: number) => (index < 5 ? squareOf(small, index) : undefined);
		const { failed } = await matte({ maskOf });
		expect(failed).toMatchObject({ code: 'mask-missing', params: { frame: 5 } });
	});

	it('must be of the size of the frame', async () => {
		const { failed } = await matte({ maskOf: () => squareOf({ width: 256, height: 64 }, 0) });
		expect(failed).toMatchObject({ code: 'mask-size', params: { maskWidth: 256, width: 128 } });
	});

	it('may show nothing: a window without the target needs no network', async () => {
		const maskOf = (index: number) => squareOf(small, 0, index < 7 ? 0 : 255);
		const { calls, alphas } = await matte({ frames: 10, maskOf });
		expect(windowsOf(calls)).toEqual([[6, 7, 8, 9]]);
		expect(alphas.map(({ data }) => Math.max(...data))).toEqual([0, 0, 0, 0, 0, 0, 0, 255, 255, 255]);
	});
});

describe('the size', () => {
	it.each([
		[128, 64],
		[131, 70],
		[90, 200],
		[30, 20]
	])('of the alphas is the clip’s: %i x %i', async (width, height) => {
		const size = { width, height };
		const full = { ...size, data: new Uint8Array(width * height).fill(255) };
		const { alphas, opened } = await matte({ size, frames: 2, maskOf: () => full });
		expect(alphas.every(({ data }) => data.every((value) => value === 255))).toBe(true);
		expect(opened[0]!.slice(0, 2).map((side) => side % 64)).toEqual([0, 0]);
	});

	it('is made smaller to what was asked for', async () => {
		const size = { width: 512, height: 288 };
		const { alphas, opened, notices } = await matte({ size, frames: 2, options: { maxSize: 256 } });
		expect(opened).toEqual([[256, 192, 2]]);
		expect(notices).toEqual([]);
		expect(difference(alphas[0]!, squareOf(size, 0))).toBeLessThan(0.5 * 32 ** 2);
	});
});

describe('a crop to the target', () => {
	const size = { width: 640, height: 384 };
	const setting: Setting = { size, frames: 16, options: { crop: true, maxSize: 192 } };

	it('shows the target at the picture’s own size, and follows it', async () => {
		const far = (index: number) => squareOf(size, 4 * index);
		const { alphas, opened } = await matte({ ...setting, maskOf: far });
		expect(opened).toHaveLength(1);
		expect(opened[0]![0] * opened[0]![1]).toBeLessThanOrEqual(192 * 128);
		const whole = await matte({ ...setting, maskOf: far, options: { maxSize: 192 } });
		const wrong = (all: readonly Alpha[]) =>
			all.reduce((sum, alpha, index) => sum + difference(alpha, far(index)), 0);
		expect(wrong(alphas)).toBeLessThan(wrong(whole.alphas) / 3);
	});
});

describe('when memory is short', () => {
	const size = { width: 2048, height: 64 };
	const maskOf = () => squareOf(size, 0);

	it('fails unless it may work smaller, and says what would fit', async () => {
		const options = { maxSize: 1536, window: 24, overlap: 3 };
		const lacking = await matte({ size, frames: 2, maskOf, options, onRun: lack });
		expect(lacking.failed).toMatchObject({ code: 'out-of-memory', params: { preset: 16 } });
		const memory = { bytes: 4.4e9, setup: onCard };
		const known = await matte({ size, frames: 24, maskOf, options, memory });
		expect(known.failed).toMatchObject({ code: 'out-of-memory', params: { preset: 8 } });
		expect(known.opened).toEqual([]);
		const none = await matte({ size, frames: 24, maskOf, options, memory: { bytes: 3e9, setup: onCard } });
		expect(none.failed).toMatchObject({ code: 'out-of-memory', params: {} });
	});

	it('works at the next smaller preset if it may, and says so once', async () => {
		const options = { maxSize: 1536, window: 24, overlap: 3, allowSmaller: true };
		const { failed, alphas, opened, notices } = await matte({
			size,
			frames: 30,
			maskOf,
			options,
			onRun: lack
		});
		expect(failed).toBeUndefined();
		expect(opened.map(([width, , frames]) => [width, frames])).toEqual([
			[1536, 24],
			[1216, 16],
			[1024, 16],
			[704, 12]
		]);
		expect(alphas).toHaveLength(30);
		expect(notices).toEqual([{ code: 'worked-smaller', params: { width: 704, height: 22 } }]);
	});

	it('goes on in the middle of a clip', async () => {
		const size = { width: 1024, height: 64 };
		const maskOf = () => squareOf(size, 0);
		let runs = 0;
		const onRun = (call: Call) => {
			if (call.graph === 'unet' && ++runs === 2) throw modelError('out-of-memory');
		};
		const options = { maxSize: 1024, window: 16, overlap: 2, allowSmaller: true };
		const { failed, alphas, opened } = await matte({ size, frames: 20, maskOf, options, onRun });
		expect(failed).toBeUndefined();
		expect(opened.map(([width, , frames]) => [width, frames])).toEqual([
			[1024, 16],
			[704, 12]
		]);
		expect(alphas).toHaveLength(20);
	});
});

describe('a run', () => {
	it('tells its steps', async () => {
		const { steps } = await matte({ frames: 12 });
		expect(steps.every(({ windows }) => windows === 4)).toBe(true);
		expect(steps.map(({ share }) => share)).toEqual(
			steps.map(({ share }) => share).toSorted((a, b) => a - b)
		);
		expect(steps[0]).toEqual({ window: 1, windows: 4, stage: 'encode', share: 0 });
		expect(steps.at(-1)).toMatchObject({ window: 4, stage: 'decode' });
		expect(steps.at(-1)!.share).toBeLessThan(1);
	});

	it('stops between the networks', async () => {
		const stop = new AbortController();
		let runs = 0;
		const onRun = () => {
			if (++runs === 11) stop.abort();
		};
		const { failed } = await matte({ signal: stop.signal, onRun });
		expect(failed).toMatchObject({ name: 'AbortError' });
		expect(runs).toBe(11);
	});

	it('refuses an alpha that is no number', async () => {
		const { failed } = await matte({ predict: (_, mask) => mask.map(() => NaN) });
		expect(failed).toMatchObject({ code: 'alpha-invalid' });
	});
});

describe('a run that goes on after an interruption', () => {
	/** Depends on all that a window is given. */
	const predict = (frame: Float32Array, mask: Float32Array, noise: Float32Array) =>
		mask.map((value, i) => Math.min(1, Math.max(0, 0.7 * value + 5 * frame[i]! + 0.02 * noise[i]!)));

	it.each<[string, Setting]>([
		['windows with an overlap', { options: { window: 4, overlap: 2 } }],
		['soft masks, and a finished alpha', { options: { soft: true }, finish: { gamma: 2, feather: 2 } }],
		['a crop to the target', { size: { width: 640, height: 384 }, options: { crop: true, maxSize: 192 } }]
	])('gives the same alphas: %s', async (_, setting) => {
		const size = setting.size ?? small;
		const all: Setting = {
			...{ frames: 13, predict, maskOf: (index) => squareOf(size, index % 9, 200), ...setting }
		};
		const whole = await matte(all);
		expect(whole.failed).toBeUndefined();
		expect(whole.checkpoints.length).toBeGreaterThan(2);
		const nothing = whole.alphas.map(() => 0);
		for (const checkpoint of whole.checkpoints) {
			const resumed = await matte({ ...all, earlier: { alphas: whole.alphas, checkpoint } });
			expect(resumed.alphas.map((alpha, i) => difference(alpha, whole.alphas[i]!))).toEqual(nothing);
			expect(unets(resumed.calls).length).toBeLessThan(unets(whole.calls).length);
			expect(resumed.steps[0]!.window).toBeGreaterThan(1);
		}
	});

	it('works as small as before', async () => {
		const size = { width: 1024, height: 64 };
		const all: Setting = {
			...{ size, frames: 24, maskOf: () => squareOf(size, 0, 200), predict },
			options: { maxSize: 1024, window: 16, allowSmaller: true }
		};
		const whole = await matte({ ...all, onRun: lack });
		const nothing = whole.alphas.map(() => 0);
		const resumed = await matte({
			...all,
			earlier: { alphas: whole.alphas, checkpoint: whole.checkpoints[1]! }
		});
		expect(resumed.alphas.map((alpha, i) => difference(alpha, whole.alphas[i]!))).toEqual(nothing);
		expect(resumed.opened).toEqual([[704, 64, 12]]);
	});
});
