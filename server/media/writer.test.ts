import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	AVCOL_RANGE_JPEG,
	AVCOL_RANGE_MPEG,
	AVCOL_SPC_SMPTE170M,
	FF_DECODER_LIBVPX_VP9,
	FF_DECODER_PRORES,
	FF_ENCODER_LIBOPUS,
	FF_ENCODER_LIBVPX_VP9,
	FF_ENCODER_PCM_S16LE
} from 'node-av/constants';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Alpha, Frame, Size } from '../../models/frame.ts';
import { outputKinds, type Notice, type OutputKind, type Result } from '../protocol/schema.ts';
import {
	bt709,
	decodePng,
	evenTimes,
	findClick,
	makeClip,
	readFirstRgba,
	readPackets,
	type ClipOptions
} from './fixtures.ts';
import type { TimedFrame } from './info.ts';
import { probe } from './probe.ts';
import { openClip } from './reader.ts';
import { createWriter } from './writer.ts';

let root: string;
let directory: string;
let count = 0;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-writer-'));
});
beforeEach(async () => {
	directory = join(root, String(count++));
	await mkdir(directory);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const videoKinds = outputKinds.filter((kind) => kind !== 'png');
const extension = {
	alpha: 'mp4',
	foreground: 'mp4',
	preview: 'mp4',
	prores: 'mov',
	webm: 'webm',
	png: 'zip'
};
const output = (kind: OutputKind) => join(directory, `out_${kind}.${extension[kind]}`);

/** Opaque on the left, a ramp of all values in the middle, nothing on the right. */
function ramp({ width, height }: Size): Alpha {
	const data = new Uint8Array(width * height);
	for (let i = 0; i < data.length; i++) {
		const x = (i % width) / width;
		data[i] = Math.max(0, Math.min(255, Math.round(255 * (2 - 3 * x))));
	}
	return { width, height, data };
}

function withAlpha(frame: Frame, alpha: Alpha): Frame {
	const data = Uint8Array.from(frame.data);
	alpha.data.forEach((value, i) => (data[i * 4 + 3] = value));
	return { width: frame.width, height: frame.height, data };
}

/** Writes every frame of a clip with the same alpha. */
async function matte(
	clip: ClipOptions,
	kinds: readonly OutputKind[]
): Promise<{ source: string; results: Result[]; notices: Notice[] }> {
	const source = await makeClip(directory, 'source', clip);
	const reader = await openClip(source);
	const alpha = ramp(reader.info);
	const writer = await createWriter({ kinds, directory, name: 'out', source: reader });
	for await (const frame of reader.frames()) await writer.write(frame, alpha, withAlpha(frame, alpha));
	return { source, ...(await writer.finish()) };
}

async function read(path: string): Promise<TimedFrame[]> {
	const frames = [];
	for await (const frame of (await openClip(path)).frames()) frames.push(frame);
	return frames;
}

/** Mean absolute difference of the red, green and blue in columns `from` to `to` (parts of the width). */
function difference(a: Frame, b: Frame, from: number, to: number): number[] {
	const sums = [0, 0, 0];
	let pixels = 0;
	for (let y = 0; y < a.height; y++)
		for (let x = Math.ceil(a.width * from); x < a.width * to; x++, pixels++)
			for (let c = 0; c < 3; c++) {
				const i = (y * a.width + x) * 4 + c;
				sums[c]! += Math.abs(a.data[i]! - b.data[i]!);
			}
	return sums.map((sum) => sum / pixels);
}

const variable: ClipOptions = {
	times: [0, 500, 700, 1900, 2000, 2600, 4000, 4040].map((time) => time + 300),
	timescale: 1000,
	bFrames: 2,
	pixelAspect: { num: 4, den: 3 },
	audio: { start: 0.1, seconds: 4, click: 2.3 }
};

const vp9: ClipOptions = {
	container: 'webm',
	encoder: FF_ENCODER_LIBVPX_VP9,
	timescale: 1000,
	options: { deadline: 'realtime', 'cpu-used': '8' }
};

test('every output has the frames, times, shape and sound of the source', async () => {
	const { source, results, notices } = await matte(variable, outputKinds);
	expect(results.map(({ kind, file }) => [kind, file])).toEqual(
		outputKinds.map((kind) => [kind, `out_${kind}.${extension[kind]}`])
	);
	expect(notices).toEqual([
		{ code: 'audio-reencoded', params: { kind: 'webm', from: 'aac', to: 'opus' } },
		{ code: 'variable-frame-rate', params: {} }
	]);
	const info = await probe(source);
	const times = (await read(source)).map(({ time }) => time);
	const sound = await readPackets(source, 'audio');
	for (const { kind, bytes } of results.filter(({ kind }) => kind !== 'png')) {
		const path = output(kind);
		expect(bytes).toBe((await stat(path)).size);
		const written = await probe(path);
		expect(written, kind).toMatchObject({ frames: 8, width: 320, height: 180 });
		expect(written.pixelAspect.num / written.pixelAspect.den, kind).toBeCloseTo(4 / 3, 2);
		// Matroska does not keep the length of a last picture.
		if (kind !== 'webm') expect(written.duration, kind).toBeCloseTo(info.duration, 3);
		const frames = await read(path);
		expect(
			frames.map(({ time }) => time),
			kind
		).toEqual(times);
		// The sound is where it was, counted from the first picture.
		const start = Number(written.start * BigInt(written.timeBase.num)) / written.timeBase.den;
		const click = (await findClick(path))! - start;
		expect(Math.abs(click - 2), `${kind} ${click}`).toBeLessThan(kind === 'webm' ? 0.002 : 0.0005);
		if (kind !== 'webm')
			expect((await readPackets(path, 'audio')).map(({ data }) => data)).toEqual(
				sound.map(({ data }) => data)
			);
	}
	expect(await readdir(directory)).not.toContainEqual(expect.stringContaining('.part'));
});

describe('colours', () => {
	test.each([
		['BT.709', bt709],
		['BT.601', { ...bt709, matrix: AVCOL_SPC_SMPTE170M }],
		['full range', { ...bt709, range: AVCOL_RANGE_JPEG }]
	])('of %s stay as they are', async (_, color) => {
		const { source } = await matte({ color, times: [0, 512, 1024] }, ['foreground', 'preview', 'alpha']);
		const [original] = await read(source);
		const [foreground] = await read(output('foreground'));
		for (const mean of difference(original!, foreground!, 0, 0.3)) expect(mean).toBeLessThan(2);
		const green = { ...original!, data: original!.data.map((_, i) => [0, 255, 0, 255][i % 4]!) };
		for (const mean of difference(green, foreground!, 0.7, 1)) expect(mean).toBeLessThan(2);
		const [preview] = await read(output('preview'));
		for (const mean of difference(original!, preview!, 0, 0.3)) expect(mean).toBeLessThan(2.5);
		const tags = { matrix: color.matrix, primaries: color.primaries, transfer: color.transfer };
		expect((await probe(output('foreground'))).color).toEqual({ ...tags, range: AVCOL_RANGE_MPEG });
		expect((await probe(output('alpha'))).color.range).toBe(AVCOL_RANGE_JPEG);
	});
});

test.each([
	[640, 360],
	[641, 359]
])('at %ix%i the alpha survives and every output keeps its size', async (width, height) => {
	const { results } = await matte({ ...vp9, width, height, times: [0, 40, 80] }, outputKinds);
	expect(results).toHaveLength(outputKinds.length);
	for (const kind of videoKinds)
		expect(await probe(output(kind))).toMatchObject({ width, height, frames: 3 });
	const alpha = ramp({ width, height });
	for (const frame of await read(output('alpha'))) {
		let sum = 0;
		let worst = 0;
		alpha.data.forEach((value, i) => {
			const error = Math.abs(value - frame.data[i * 4]!);
			sum += error;
			if (value === 0 || value === 255) worst = Math.max(worst, error);
		});
		expect(sum / alpha.data.length).toBeLessThan(0.7);
		expect(worst).toBeLessThanOrEqual(2);
	}
});

describe('sound', () => {
	test.each<[string, ClipOptions, Record<string, string>]>([
		[
			'PCM in AVI',
			{ container: 'avi', timescale: 25, audio: { encoder: FF_ENCODER_PCM_S16LE, seconds: 1, click: 0.5 } },
			{ foreground: 'pcm_s16le → aac', prores: 'pcm_s16le', webm: 'pcm_s16le → opus' }
		],
		[
			'Opus in WebM',
			{ ...vp9, audio: { encoder: FF_ENCODER_LIBOPUS, seconds: 1, click: 0.5 } },
			{ foreground: 'opus → aac', prores: 'opus → aac', webm: 'opus' }
		],
		[
			'AAC that begins late',
			{ audio: { start: 0.25, seconds: 1, click: 0.5 } },
			{ foreground: 'aac', webm: 'aac → opus' }
		],
		[
			'AAC that begins before the picture',
			{ times: evenTimes(20, 512).map((time) => time + 2560), audio: { seconds: 1.2, click: 0.7 } },
			{ foreground: 'aac', webm: 'aac → opus' }
		]
	])('%s', async (_, clip, expected) => {
		const kinds = Object.keys(expected) as OutputKind[];
		const { source, notices } = await matte(clip, kinds);
		const first = (path: string) =>
			probe(path).then(({ start, timeBase }) => (Number(start) * timeBase.num) / timeBase.den);
		const click = (await findClick(source))! - (await first(source));
		expect(click).toBeCloseTo(clip.audio!.click - (clip.times?.[0] ?? 0) / 12800, 2);
		for (const kind of kinds) {
			const path = output(kind);
			const [from, to = from] = expected[kind]!.split(' → ');
			expect((await probe(path)).audio?.codec, kind).toBe(to);
			expect(notices.filter(({ params }) => params.kind === kind)).toEqual(
				from === to ? [] : [{ code: 'audio-reencoded', params: { kind, from, to } }]
			);
			const found = (await findClick(path))! - (await first(path));
			expect(Math.abs(found - click), `${kind}: ${found} for ${click}`).toBeLessThan(0.003);
		}
	});
});

describe('transparency', () => {
	function expectSame(found: Frame, wanted: Frame, tolerance: number) {
		let sum = 0;
		for (let i = 3; i < wanted.data.length; i += 4) sum += Math.abs(found.data[i]! - wanted.data[i]!);
		expect(sum / (wanted.data.length / 4)).toBeLessThanOrEqual(tolerance);
		for (const mean of difference(found, wanted, 0, 1)) expect(mean).toBeLessThanOrEqual(tolerance * 3);
	}

	test('is in ProRes, WebM and every PNG', async () => {
		const { source } = await matte({ times: [0, 512, 1536] }, ['prores', 'webm', 'png']);
		const frames = await read(source);
		const alpha = ramp(frames[0]!);
		const first = withAlpha(frames[0]!, alpha);
		expectSame(await readFirstRgba(output('prores'), FF_DECODER_PRORES), first, 0.5);
		expectSame(await readFirstRgba(output('webm'), FF_DECODER_LIBVPX_VP9), first, 1.5);
		const files = unzip(await readFile(output('png')));
		expect([...files.keys()]).toEqual([
			'out_000000.png',
			'out_000001.png',
			'out_000002.png',
			'timestamps.txt'
		]);
		expect(files.get('timestamps.txt')!.toString()).toBe('# timestamp format v2\n0.000\n40.000\n120.000\n');
		for (const [index, frame] of frames.entries())
			expectSame(await decodePng(files.get(`out_00000${index}.png`)!), withAlpha(frame, alpha), 0);
	});

	/** Reads the files of a zip by its directory; they are stored, not deflated. */
	function unzip(zip: Buffer): Map<string, Buffer> {
		const files = new Map<string, Buffer>();
		const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
		let entry = zip.readUInt32LE(end + 16);
		for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
			expect(zip.readUInt16LE(entry + 10)).toBe(0);
			const size = zip.readUInt32LE(entry + 24);
			const nameLength = zip.readUInt16LE(entry + 28);
			const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
			const local = zip.readUInt32LE(entry + 42);
			const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
			files.set(name, zip.subarray(start, start + size));
			entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
		}
		return files;
	}

	test('a turned clip is written upright', async () => {
		const one = 1 << 16;
		const displayMatrix = [0, one, 0, -one, 0, 0, 0, 0, 1 << 30];
		await matte({ displayMatrix, times: [0, 512] }, ['alpha', 'prores', 'webm']);
		for (const kind of ['alpha', 'prores', 'webm'] as const)
			expect(await probe(output(kind))).toMatchObject({
				width: 180,
				height: 320,
				orientation: { transpose: false, mirrorX: false, mirrorY: false }
			});
	});
});

describe('nothing half-written is left', () => {
	test.each(outputKinds)('when the disk is full: %s', async (kind) => {
		const reader = await openClip(await makeClip(directory, 'source', {}));
		await symlink('/dev/full', `${output(kind)}.part`);
		const alpha = ramp(reader.info);
		const writing = (async () => {
			const writer = await createWriter({ kinds: [kind, 'preview'], directory, name: 'out', source: reader });
			for await (const frame of reader.frames()) await writer.write(frame, alpha, withAlpha(frame, alpha));
			await writer.finish();
		})();
		await expect(writing).rejects.toMatchObject({ name: 'CodedError', code: 'disk-full' });
		expect(await readdir(directory)).toEqual(['source']);
	});

	test('when the job is given up', async () => {
		const reader = await openClip(await makeClip(directory, 'source', {}));
		const alpha = ramp(reader.info);
		const writer = await createWriter({ kinds: outputKinds, directory, name: 'out', source: reader });
		for await (const frame of reader.frames()) {
			await writer.write(frame, alpha, withAlpha(frame, alpha));
			if (frame.index === 3) break;
		}
		await writer.abort();
		expect(await readdir(directory)).toEqual(['source']);
	});
});
