import { mkdtemp, readdir, rm, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AV_PIX_FMT_YUV444P } from 'node-av/constants';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame, Size } from '../../models/frame.ts';
import { encodeMask } from '../../models/mask.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { makeClip, type ClipOptions } from '../media/fixtures.ts';
import { openClip } from '../media/index.ts';
import type { Keyframe, Progress } from '../protocol/schema.ts';
import type { JobSpec } from './job-spec.ts';
import { runMatteJob, type JobHooks } from './run-job.ts';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-job-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The target's middle and radius on a frame: a red disc that moves to the right over green stripes. */
const disc = (index: number, { width, height }: Size) => ({
	x: width * 0.3 + index * 3,
	y: height * 0.5,
	radius: Math.min(width, height) * 0.2
});

function isDisc(x: number, y: number, index: number, size: Size): boolean {
	const { x: cx, y: cy, radius } = disc(index, size);
	return Math.hypot(x + 0.5 - cx, y + 0.5 - cy) < radius;
}

function draw(index: number, size: Size): Frame {
	const { width, height } = size;
	const data = new Uint8Array(width * height * 4);
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i += 4) {
			const stripe = 90 + 30 * Math.sin(x / 7) + 20 * Math.cos(y / 5);
			const colour = isDisc(x, y, index, size) ? [210, 50 + 20 * Math.sin(y / 4), 40] : [40, stripe, 70];
			data.set([...colour, 255], i);
		}
	}
	return { ...size, data };
}

function discMask(index: number, size: Size) {
	const data = new Uint8Array(size.width * size.height);
	for (let i = 0; i < data.length; i++) {
		if (isDisc(i % size.width, Math.floor(i / size.width), index, size)) data[i] = 255;
	}
	return encodeMask({ ...size, data });
}

const times = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * 40);

async function clipOf(name: string, options: ClipOptions): Promise<string> {
	return makeClip(folder, name, { draw, times, timescale: 1000, ...options });
}

async function run(
	clip: string,
	keyframes: Keyframe[],
	hooks: JobHooks = {},
	outputs: JobSpec['outputs'] = ['alpha']
) {
	const directory = join(folder, `out-${Math.random().toString(36).slice(2)}`);
	await mkdir(directory);
	const spec: JobSpec = {
		clip,
		name: 'clip',
		keyframes,
		engine: 'classic',
		options: defaultMatteOptions,
		outputs,
		directory
	};
	const outcome = runMatteJob(spec, hooks);
	return { directory, outcome };
}

/** How much of the disc, and of the rest, each frame of an alpha file shows, 0 to 1. */
async function coverage(file: string, isTarget: (x: number, y: number, index: number) => boolean) {
	const clip = await openClip(file);
	const seen: { time: number; inside: number; outside: number }[] = [];
	for await (const { width, data, time, index } of clip.frames()) {
		let [inside, outside, area] = [0, 0, 0];
		for (let i = 0; i < data.length / 4; i++) {
			const target = isTarget(i % width, Math.floor(i / width), index);
			if (target) {
				area++;
				inside += data[i * 4]! / 255;
			} else outside += data[i * 4]! / 255;
		}
		seen.push({ time: Math.round(time * 1000), inside: inside / area, outside: outside / area });
	}
	const { width, height } = clip.info;
	await clip.close();
	return { seen, width, height };
}

function expectHeld(seen: readonly { inside: number; outside: number }[]): void {
	for (const [index, { inside, outside }] of seen.entries()) {
		expect(inside, `frame ${index}`).toBeGreaterThan(0.9);
		expect(outside, `frame ${index}`).toBeLessThan(0.15);
	}
}

describe('a job', () => {
	it('holds the target from a keyframe in the middle to both ends, at an odd size and a variable frame rate', async () => {
		const size = { width: 241, height: 135 };
		const varied = [0, 40, 80, 200, 240, 1000, 1040, 1080];
		const clip = await clipOf('odd.mp4', { ...size, times: varied, format: AV_PIX_FMT_YUV444P });
		const { directory, outcome } = await run(clip, [{ time: 0.24, mask: discMask(4, size) }]);
		expect((await outcome).record).toMatchObject({ engine: 'classic', frames: 8, ...size });
		const { seen, width, height } = await coverage(join(directory, 'clip_alpha.mp4'), (x, y, i) =>
			isDisc(x, y, i, size)
		);
		expect({ width, height }).toEqual(size);
		expect(seen.map(({ time }) => time)).toEqual(varied);
		expectHeld(seen);
	});

	it('works on the upright picture of a clip that was filmed on its side', async () => {
		const stored = { width: 240, height: 136 };
		// Shown a quarter turn to the right: stored (x, y) is shown at (136 - 1 - y, x).
		const clip = await clipOf('turned.mp4', {
			...stored,
			displayMatrix: [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]
		});
		const upright = { width: 136, height: 240 };
		const isTarget = (x: number, y: number, index: number) => isDisc(y, 135 - x, index, stored);
		const data = new Uint8Array(136 * 240);
		for (let i = 0; i < data.length; i++) data[i] = isTarget(i % 136, Math.floor(i / 136), 0) ? 255 : 0;
		const { directory, outcome } = await run(clip, [{ time: 0, mask: encodeMask({ ...upright, data }) }]);
		await outcome;
		const { seen, width, height } = await coverage(join(directory, 'clip_alpha.mp4'), isTarget);
		expect({ width, height }).toEqual(upright);
		expectHeld(seen);
	});

	it('starts anew at each keyframe', async () => {
		const size = { width: 240, height: 136 };
		const clip = await clipOf('keys.mp4', size);
		const corner = new Uint8Array(240 * 136);
		for (let y = 100; y < 130; y++) corner.fill(255, y * 240 + 190, y * 240 + 230);
		const wrong = encodeMask({ ...size, data: corner });
		const { directory, outcome } = await run(clip, [
			{ time: 0.16, mask: discMask(4, size) },
			{ time: 0, mask: wrong }
		]);
		await outcome;
		const { seen } = await coverage(join(directory, 'clip_alpha.mp4'), (x, y, i) => isDisc(x, y, i, size));
		expect(seen[0]!.inside).toBeLessThan(0.1);
		expectHeld(seen.slice(4));
	});

	it('tells its stages and the frames in them', async () => {
		const size = { width: 160, height: 90 };
		const clip = await clipOf('stages.mp4', size);
		const seen: Progress[] = [];
		const { outcome } = await run(clip, [{ time: 0.12, mask: discMask(3, size) }], {
			onProgress: (p) => seen.push(p)
		});
		await outcome;
		expect(seen.map(({ stage, done, total }) => [stage, done, total])).toEqual([
			['load', 0, 0],
			...[0, 1, 2, 3].map((done) => ['track', done, 3]),
			...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((done) => ['matte', done, 8]),
			['finish', 0, 0]
		]);
	});

	it('that is cancelled leaves nothing behind', async () => {
		const size = { width: 160, height: 90 };
		const clip = await clipOf('cancelled.mp4', size);
		const abort = new AbortController();
		const hooks: JobHooks = {
			signal: abort.signal,
			onProgress: ({ stage, done }) => stage === 'matte' && done === 3 && abort.abort()
		};
		const { directory, outcome } = await run(clip, [{ time: 0, mask: discMask(0, size) }], hooks, [
			'alpha',
			'foreground',
			'png'
		]);
		await expect(outcome).rejects.toMatchObject({ name: 'AbortError' });
		expect(await readdir(directory)).toEqual([]);
	});

	it.each([
		['of another size', { width: 80, height: 45 }, 0, 'mask-size'],
		['that is empty', { width: 160, height: 90 }, undefined, 'mask-empty']
	])('refuses a mask %s', async (_, size, index, code) => {
		const clip = await clipOf('refused.mp4', { width: 160, height: 90 });
		const mask =
			index === undefined ? { ...size, counts: [size.width * size.height] } : discMask(index, size);
		const { outcome } = await run(clip, [{ time: 0, mask }]);
		await expect(outcome).rejects.toMatchObject({ code });
	});

	it('refuses a keyframe behind the end', async () => {
		const size = { width: 160, height: 90 };
		const clip = await clipOf('behind.mp4', size);
		const { outcome } = await run(clip, [{ time: 5, mask: discMask(0, size) }]);
		await expect(outcome).rejects.toMatchObject({ code: 'keyframe-missing' });
	});
});
