import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FF_ENCODER_LIBVPX_VP9 } from 'node-av/constants';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip, readNumber, type ClipOptions } from './fixtures.ts';
import { probe } from './probe.ts';
import { openClip } from './reader.ts';

let directory: string;
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'splazmatte-probe-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
	const path = join(directory, name);
	await writeFile(path, content);
	return path;
}

const refused = (code: string) => expect.objectContaining({ name: 'CodedError', code });

const vp9: ClipOptions = {
	container: 'webm',
	encoder: FF_ENCODER_LIBVPX_VP9,
	options: { deadline: 'realtime', 'cpu-used': '8' },
	timescale: 1000
};

test('a clip is told by its content', async () => {
	const path = await makeClip(directory, 'sound.bin', {
		audio: { seconds: 1, click: 0.5 },
		pixelAspect: { num: 4, den: 3 }
	});
	expect(await probe(path)).toMatchObject({
		container: 'mp4',
		codec: 'h264',
		width: 320,
		height: 180,
		duration: 1,
		frames: 25,
		frameRate: 25,
		pixelAspect: { num: 4, den: 3 },
		audio: { codec: 'aac', channels: 1, sampleRate: 48000 }
	});
	expect(await probe(await makeClip(directory, 'a.bin', vp9))).toMatchObject({ container: 'webm' });
	const avi = await makeClip(directory, 'b.bin', { container: 'avi', timescale: 25 });
	expect(await probe(avi)).toMatchObject({ container: 'avi', audio: undefined });
});

describe('what is no video is refused, whatever its name', () => {
	test.each([
		['empty', ''],
		['text', 'once upon a time there was a clip'],
		['playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'],
		['concat script', "ffconcat version 1.0\nfile '/etc/passwd'\n"],
		['svg', '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'],
		['still picture', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
		['png', Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex')]
	])('%s', async (name, content) => {
		const path = await file(`${name}.mp4`, content);
		await expect(probe(path)).rejects.toEqual(refused('clip-not-video'));
	});

	test('sound alone', async () => {
		const path = await makeClip(directory, 'only-sound.mp4', {
			video: false,
			audio: { seconds: 1, click: 0.5 }
		});
		await expect(probe(path)).rejects.toEqual(refused('clip-no-video'));
	});

	test.each<[string, ClipOptions]>([
		['MP4', { muxerOptions: { movflags: 'empty_moov+frag_keyframe' } }],
		['Matroska', { container: 'matroska', audio: { seconds: 1, click: 0.5 } }]
	])('a video without a frame in %s', async (name, options) => {
		const path = await makeClip(directory, `no-frames ${name}`, { ...options, times: [] });
		await expect(probe(path)).rejects.toEqual(refused('clip-no-frames'));
	});

	test('a codec that nobody knows', async () => {
		const bytes = await readFile(await makeClip(directory, 'known.mp4'));
		bytes.write('zzzz', bytes.indexOf('avc1', bytes.indexOf('stsd')), 'latin1');
		const path = await file('unknown.mp4', bytes);
		await expect(probe(path)).rejects.toEqual(refused('clip-codec'));
	});
});

describe('a clip that ends early is damaged', () => {
	const whole: Record<string, ClipOptions> = {
		'MP4, index first': { muxerOptions: { movflags: '+faststart' } },
		'MP4, index last': {},
		AVI: { container: 'avi', timescale: 25 },
		WebM: vp9,
		Matroska: { container: 'matroska', timescale: 1000 }
	};
	test.each(Object.entries(whole))('%s', async (name, options) => {
		const bytes = await readFile(await makeClip(directory, `${name}.whole`, options));
		for (const part of [0.5, 0.9, 0.999]) {
			const path = await file(`${name}.cut`, bytes.subarray(0, Math.floor(bytes.length * part)));
			await expect(probe(path), `${name} ${part}`).rejects.toEqual(refused('clip-damaged'));
		}
	});

	test('also when its boxes are whole but pictures are missing', async () => {
		const options = { muxerOptions: { movflags: '+faststart' } };
		const bytes = await readFile(await makeClip(directory, 'boxes.mp4', options));
		const mdat = bytes.indexOf('mdat') - 4;
		const cut = mdat + Math.floor(bytes.readUInt32BE(mdat) * 0.6);
		bytes.writeUInt32BE(cut - mdat, mdat);
		const path = await file('missing.mp4', bytes.subarray(0, cut));
		await expect(probe(path)).rejects.toEqual(refused('clip-damaged'));
	});

	test('and one with unreadable pictures is never read short without a word', async () => {
		const bytes = await readFile(await makeClip(directory, 'clean.mp4', { keyEvery: 1 }));
		const mdat = bytes.indexOf('mdat');
		const middle = mdat + Math.floor(bytes.readUInt32BE(mdat - 4) / 2);
		bytes.fill(0xff, middle, middle + 4000);
		const clip = await openClip(await file('scratched.mp4', bytes));
		const numbers: number[] = [];
		const reading = (async () => {
			for await (const frame of clip.frames()) numbers.push(readNumber(frame));
		})();
		await expect(reading).rejects.toEqual(refused('clip-damaged'));
		expect(numbers.length).toBeGreaterThan(5);
	});
});

describe('limits', () => {
	test('of length and size are told with what was found', async () => {
		const times = [0, 1, 2, 3].map((second) => second * 12800);
		const path = await makeClip(directory, 'long.mp4', { times });
		await expect(probe(path, { limits: { seconds: 2, shortSide: 1080 } })).rejects.toMatchObject({
			code: 'clip-too-long',
			params: { seconds: 4, limit: 2 }
		});
		await expect(probe(path, { limits: { seconds: 9, shortSide: 100 } })).rejects.toMatchObject({
			code: 'clip-too-big',
			params: { width: 320, height: 180, limit: 100 }
		});
		await expect(probe(path, { limits: { seconds: 4, shortSide: 180 } })).resolves.toBeDefined();
	});
});
