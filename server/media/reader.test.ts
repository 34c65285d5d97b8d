import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	AV_PIX_FMT_YUV420P10LE,
	AV_PIX_FMT_YUV422P10LE,
	AV_PIX_FMT_YUV444P10LE,
	AV_PIX_FMT_YUVJ420P,
	AVCOL_PRI_UNSPECIFIED,
	AVCOL_RANGE_JPEG,
	AVCOL_RANGE_UNSPECIFIED,
	AVCOL_SPC_BT470BG,
	AVCOL_SPC_BT709,
	AVCOL_SPC_SMPTE170M,
	AVCOL_SPC_UNSPECIFIED,
	AVCOL_TRC_UNSPECIFIED,
	FF_ENCODER_LIBVPX_VP9,
	FF_ENCODER_LIBX265,
	FF_ENCODER_MJPEG,
	FF_ENCODER_PRORES_KS
} from 'node-av/constants';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../models/frame.ts';
import { bt709, drawNumber, evenTimes, makeClip, readNumber, type ClipOptions } from './fixtures.ts';
import type { TimedFrame } from './info.ts';
import { openClip } from './reader.ts';

let directory: string;
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'splazmatte-reader-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function collect(frames: AsyncIterable<TimedFrame>): Promise<TimedFrame[]> {
	const all = [];
	for await (const frame of frames) all.push(frame);
	return all;
}

const pixel = ({ data, width }: Frame, x: number, y: number) => [
	...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)
];

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const formats: Record<string, ClipOptions> = {
	'H.264 in MP4 with B-frames': { bFrames: 2 },
	'HEVC 10 bit in MP4': {
		encoder: FF_ENCODER_LIBX265,
		format: AV_PIX_FMT_YUV420P10LE,
		bFrames: 2,
		options: { 'x265-params': 'log-level=none', preset: 'ultrafast' }
	},
	'ProRes 10 bit in MOV': {
		container: 'mov',
		encoder: FF_ENCODER_PRORES_KS,
		format: AV_PIX_FMT_YUV422P10LE
	},
	'MJPEG in AVI': {
		container: 'avi',
		encoder: FF_ENCODER_MJPEG,
		format: AV_PIX_FMT_YUVJ420P,
		// As JPEG has it, whatever is wished for.
		color: { ...bt709, matrix: AVCOL_SPC_BT470BG, range: AVCOL_RANGE_JPEG },
		options: { qmin: '2', qmax: '3' },
		timescale: 25
	},
	'H.264 with B-frames in AVI': { container: 'avi', bFrames: 2, timescale: 25 },
	'VP9 in WebM': {
		container: 'webm',
		encoder: FF_ENCODER_LIBVPX_VP9,
		options: { deadline: 'realtime', 'cpu-used': '8', crf: '20', b: '0' },
		timescale: 1000
	},
	'H.264 in Matroska': { container: 'matroska', bFrames: 2, timescale: 1000 },
	'an odd size': {
		width: 641,
		height: 359,
		container: 'webm',
		encoder: FF_ENCODER_LIBVPX_VP9,
		timescale: 1000,
		options: { deadline: 'realtime', 'cpu-used': '8' }
	}
};

describe.each(Object.entries(formats))('%s', (name, options) => {
	test('is read forward, backward and from the middle', async () => {
		const clip = await openClip(await makeClip(directory, `${name}.bin`, options));
		const all = await collect(clip.frames());
		expect(all.map(readNumber)).toEqual(range(0, 25));
		expect(all.map(({ index }) => index)).toEqual(range(0, 25));
		all.forEach(({ time }, i) => expect(time).toBeCloseTo(i * 0.04, 6));
		expect(clip.info).toMatchObject({
			width: options.width ?? 320,
			height: options.height ?? 180,
			frames: 25,
			frameRate: 25,
			variableFrameRate: false
		});
		expect(clip.info.duration).toBeCloseTo(1, 1);

		const middle = await collect(clip.frames({ from: all[17]!.time }));
		expect(middle.map(readNumber)).toEqual(range(17, 25));
		const back = await collect(clip.framesBackward({ before: all[17]!.time }));
		expect(back.map(readNumber)).toEqual(range(0, 17).reverse());
		expect(back.map(({ pts }) => pts)).toEqual(
			all
				.slice(0, 17)
				.map(({ pts }) => pts)
				.reverse()
		);
	});
});

test('every format is shown in its own colours', async () => {
	for (const [name, options] of Object.entries(formats)) {
		const clip = await openClip(join(directory, `${name}.bin`));
		const [frame] = await collect(clip.frames({ from: 0.96 }));
		const drawn = drawNumber(24, clip.info);
		const y = Math.floor(clip.info.height * 0.9);
		for (const part of [1, 3, 5, 7]) {
			const x = Math.floor((clip.info.width * part) / 8);
			const found = pixel(frame!, x, y);
			pixel(drawn, x, y).forEach((value, channel) =>
				expect(Math.abs(value - found[channel]!), `${name} ${options.format}`).toBeLessThanOrEqual(5)
			);
		}
	}
});

test('an untagged clip is read as BT.601 when small and as BT.709 when HD', async () => {
	const untagged = {
		matrix: AVCOL_SPC_UNSPECIFIED,
		range: AVCOL_RANGE_UNSPECIFIED,
		primaries: AVCOL_PRI_UNSPECIFIED,
		transfer: AVCOL_TRC_UNSPECIFIED
	};
	for (const [height, matrix] of [
		[576, AVCOL_SPC_SMPTE170M],
		[720, AVCOL_SPC_BT709]
	] as const) {
		const options = { color: untagged, width: 320, height, times: [0, 512] };
		const clip = await openClip(await makeClip(directory, `untagged-${height}.mp4`, options));
		expect(clip.info.color.matrix).toBe(matrix);
	}
});

test('variable frame rate keeps every time', async () => {
	const times = [0, 500, 700, 1900, 2000, 2600, 4000, 4040];
	const options = { times, timescale: 1000, bFrames: 2 };
	const clip = await openClip(await makeClip(directory, 'variable.mp4', options));
	expect(clip.info.variableFrameRate).toBe(true);
	const all = await collect(clip.frames());
	expect(all.map(({ time }) => time)).toEqual(times.map((time) => time / 1000));
	const back = await collect(clip.framesBackward({ before: 2.6 }));
	expect(back.map(readNumber)).toEqual([4, 3, 2, 1, 0]);
});

test('times count from the first frame, wherever the container begins', async () => {
	const options = {
		times: evenTimes(10, 40).map((time) => time + 7000),
		timescale: 1000,
		container: 'matroska'
	} as const;
	const clip = await openClip(await makeClip(directory, 'late.mkv', options));
	const [first] = await collect(clip.frames());
	expect(first).toMatchObject({ time: 0, index: 0, pts: 7000n });
	const late = await collect(clip.frames({ from: 0.2 }));
	expect(late.map(readNumber)).toEqual([5, 6, 7, 8, 9]);
});

const one = 1 << 16;
const w = 1 << 30;

/** The stored picture has a red, green, blue and grey quarter from the top left on; the rows say where they are shown. */
test.each([
	['90° clockwise', [0, one, 0, -one, 0, 0, 0, 0, w], ['blue', 'red', 'grey', 'green']],
	['180°', [-one, 0, 0, 0, -one, 0, 0, 0, w], ['grey', 'blue', 'green', 'red']],
	['90° counter-clockwise', [0, -one, 0, one, 0, 0, 0, 0, w], ['green', 'grey', 'red', 'blue']],
	['mirrored', [-one, 0, 0, 0, one, 0, 0, 0, w], ['green', 'red', 'grey', 'blue']]
])('a clip that is turned %s comes upright', async (name, displayMatrix, corners) => {
	const colors = { red: [200, 40, 40], green: [40, 160, 40], blue: [40, 40, 200], grey: [180, 180, 180] };
	const draw = (_: number, { width, height }: { width: number; height: number }) => {
		const data = new Uint8Array(width * height * 4);
		for (let y = 0, i = 0; y < height; y++)
			for (let x = 0; x < width; x++, i += 4) {
				const [top, bottom] = x < width / 2 ? (['red', 'blue'] as const) : (['green', 'grey'] as const);
				data.set([...colors[y < height / 2 ? top : bottom], 255], i);
			}
		return { width, height, data };
	};
	const options = {
		draw,
		displayMatrix,
		width: 160,
		height: 96,
		pixelAspect: { num: 4, den: 3 },
		times: [0, 512]
	};
	const clip = await openClip(await makeClip(directory, `${name}.mp4`, options));
	const turned = name.startsWith('90');
	expect(clip.info).toMatchObject(
		turned
			? { width: 96, height: 160, pixelAspect: { num: 3, den: 4 } }
			: { width: 160, height: 96, pixelAspect: { num: 4, den: 3 } }
	);
	for (const size of [undefined, { width: clip.info.width / 2, height: clip.info.height / 2 }]) {
		const [frame] = await collect(clip.frames({ size }));
		const { width, height } = frame!;
		const shown = [
			[0.25, 0.25],
			[0.75, 0.25],
			[0.25, 0.75],
			[0.75, 0.75]
		].map(([x, y]) => {
			const found = pixel(frame!, width * x!, height * y!);
			return Object.entries(colors).find(([, rgb]) => rgb.every((v, i) => Math.abs(v - found[i]!) < 12))?.[0];
		});
		expect(shown).toEqual(corners);
	}
});

test('a backward pass over one long group of pictures holds few at a time and skips none', async () => {
	// 128 MiB hold 16 pictures of this size and depth; the group has 40.
	const options: ClipOptions = {
		width: 1280,
		height: 1088,
		format: AV_PIX_FMT_YUV444P10LE,
		keyEvery: 1000,
		times: evenTimes(40, 512),
		draw: (index, { width, height }) => {
			const blocks = Int32Array.from({ length: width }, (_, x) =>
				(index >> (x / (width / 8))) & 1 ? -1 : 0
			);
			const pixels = new Int32Array(width * height);
			for (let y = 0; y < height / 4; y++) pixels.set(blocks, y * width);
			return { width, height, data: new Uint8Array(pixels.buffer) };
		},
		options: { preset: 'ultrafast' }
	};
	const clip = await openClip(await makeClip(directory, 'long-group.mp4', options));
	const size = { width: 160, height: 136 };
	const back = await collect(clip.framesBackward({ before: 99, size }));
	expect(back.map(readNumber)).toEqual(range(0, 40).reverse());
});

test('a pass stops when it is told to', async () => {
	const clip = await openClip(join(directory, 'H.264 in MP4 with B-frames.bin'));
	const stop = new AbortController();
	const frames = clip.frames({ signal: stop.signal });
	await frames.next();
	stop.abort();
	await expect(frames.next()).rejects.toMatchObject({ name: 'AbortError' });
	const other = clip.framesBackward({ before: 1 });
	await other.next();
	clip.close();
	await expect(other.next()).rejects.toMatchObject({ name: 'AbortError' });
});
