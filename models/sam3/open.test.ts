import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimedFrame } from '../clip.ts';
import type { Mask } from '../frame.ts';
import { createNodeRuntime } from '../runtime.node.ts';
import type { Segmenter, TrackableClip, TrackRequest } from '../segmenter.ts';
import { trackClip } from '../track-clip.ts';
import { openSam3, type OpenSam3 } from './open.node.ts';
import { writeSmallSam3 } from './small-checkpoint.fixture.node.ts';
import { tokenizerJson } from './stand-in-tokenizer.ts';

const size = { width: 48, height: 32 };
const frames = Array.from({ length: 4 }, (_, index): TimedFrame => {
	const data = Uint8Array.from({ length: 4 * size.width * size.height }, (_, i) => (i * (index + 3)) % 256);
	return { ...size, data, index, time: index };
});
const clip: TrackableClip = {
	info: { ...size, frames: frames.length },
	frameAt: async (index) => frames[index],
	async *frames({ from = 0 } = {}) {
		yield* frames.filter(({ time }) => time >= from);
	},
	async *framesBackward({ before }) {
		yield* frames.filter(({ time }) => time < before).toReversed();
	}
};
const mask: Mask = {
	...size,
	data: Uint8Array.from({ length: size.width * size.height }, (_, i) => (i % size.width < 20 ? 255 : 0))
};
const click = { kind: 'point', x: 10, y: 10, positive: true } as const;

/** What says whether an object is there, with an answer that is always no. */
const scoreHead = 'tracker_model.mask_decoder.pred_obj_score_head.proj_out';
const never = { [`${scoreHead}.weight`]: [0, 0], [`${scoreHead}.bias`]: [-5, 0] } as const;

let root: string;
let folder: string;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-sam3-open-'));
	folder = join(root, 'whole');
	await writeSmallSam3(folder, { sure: true, override: never });
});
afterAll(() => rm(root, { recursive: true }));

const opened: Segmenter[] = [];
afterAll(() => Promise.all(opened.map((segmenter) => segmenter.dispose())));
async function open(from = folder, options: Partial<OpenSam3> = {}): Promise<Segmenter> {
	const segmenter = await openSam3({
		...{ folder: from, cache: join(root, 'cache'), precision: 'float32', ...options },
		runtime: await createNodeRuntime({ providers: ['cpu'], threads: 2 })
	});
	opened.push(segmenter);
	return segmenter;
}

let copies = 0;
/** A folder like the whole one, but for what is done to it. */
async function copyOf(change: (folder: string) => Promise<void>): Promise<string> {
	const copy = join(root, `copy ${++copies}`);
	await mkdir(copy);
	for (const file of ['model.safetensors', 'config.json', 'tokenizer.json'])
		await copyFile(join(folder, file), join(copy, file));
	await change(copy);
	return copy;
}

/** Gives a tensor another name, of the same length. */
async function rename(copy: string, tensor: string): Promise<void> {
	const path = join(copy, 'model.safetensors');
	const bytes = await readFile(path);
	const at = bytes.indexOf(`"${tensor}"`);
	bytes.write('X', at + 1);
	await writeFile(path, bytes);
}

async function asked(segmenter: Segmenter, words: string) {
	const encoded = await segmenter.encode(frames[0]!);
	return encoded.detect!({ words }).finally(() => encoded.dispose());
}

describe('opening SAM 3', () => {
	it.each([
		['that clicks need', 'tracker_model.no_memory_embedding'],
		['that only following needs', 'tracker_model.memory_encoder.projection.weight'],
		['that only words need', 'detector_model.text_projection.weight'],
		['that only examples need', 'detector_model.geometry_encoder.cls_embed.weight']
	])('tells a missing tensor %s at once', async (_, tensor) => {
		const copy = await copyOf((copy) => rename(copy, tensor));
		await expect(open(copy)).rejects.toMatchObject({ code: 'weights-missing' });
	});

	it.each([
		['is missing', (path: string) => rm(path), 'model-damaged'],
		['is no JSON', (path: string) => writeFile(path, '{'), 'weights-damaged'],
		['is none', (path: string) => writeFile(path, '{"version": "1.0"}'), 'weights-damaged'],
		[
			"is another model's",
			(path: string) => writeFile(path, JSON.stringify(tokenizerJson([], 1, 2))),
			'weights-damaged'
		]
	])('leaves clicks as they are where tokenizer.json %s; words tell it', async (_, change, code) => {
		const copy = await copyOf((copy) => change(join(copy, 'tokenizer.json')));
		const segmenter = await open(copy);
		const encoded = await segmenter.encode(frames[0]!);
		expect(await encoded.segment([click])).toHaveLength(3);
		encoded.dispose();
		await expect(asked(segmenter, 'disc')).rejects.toMatchObject({
			code,
			params: { file: 'tokenizer.json' }
		});
	});

	it('refuses a configuration whose picture is no whole number of patches', async () => {
		const copy = await copyOf(async (copy) => {
			const path = join(copy, 'config.json');
			await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"image_size":56', '"image_size":60'));
		});
		await expect(open(copy)).rejects.toMatchObject({
			code: 'weights-damaged',
			params: { file: 'config.json' }
		});
		await expect(open(folder, { size: 57 })).rejects.toThrow(RangeError);
	});
});

describe('SAM 3 that was opened', () => {
	let segmenter: Segmenter;
	beforeAll(async () => {
		segmenter = await open();
	});
	const followed = async (request: TrackRequest) => {
		const areas: number[][] = [];
		for await (const { index, masks } of trackClip({ clip, segmenter, request }))
			areas.push([index, ...[...masks.values()].map(({ data }) => data.filter((value) => value > 0).length)]);
		return areas;
	};

	it('refuses an example without size, on a frame and on a clip', async () => {
		const examples = [{ x: 10, y: 10, width: 0, height: 5, positive: true }];
		const encoded = await segmenter.encode(frames[0]!);
		await expect(encoded.detect!({ examples })).rejects.toMatchObject({ code: 'box-empty' });
		encoded.dispose();
		const request = { targets: [], concept: { examples, frame: 1 } };
		await expect(followed(request)).rejects.toMatchObject({ code: 'box-empty' });
	});

	it('goes on through a clip on which an object never appears again', async () => {
		const keyframe = { frame: 1, prompts: [], mask };
		const areas = await followed({ targets: [{ id: 1, keyframes: [keyframe] }] });
		expect(areas).toEqual([
			[1, 20 * size.height],
			[2, 0],
			[3, 0],
			[0, 0]
		]);
	});

	it('follows what a click shows on its frame, though the decoder does not see it', async () => {
		const encoded = await segmenter.encode(frames[0]!);
		const [shown] = await encoded.segment([click]);
		encoded.dispose();
		const area = shown!.mask.data.filter((value) => value > 0).length;
		expect(area).toBeGreaterThan(0);
		const [first] = await followed({ targets: [{ id: 1, keyframes: [{ frame: 0, prompts: [click] }] }] });
		expect(first).toEqual([0, area]);
	});

	it('opens nothing more when it is disposed of, and stops what it was opening', async () => {
		const other = await open();
		opened.pop();
		const encoded = await other.encode(frames[0]!);
		const words = encoded.detect!({ words: 'disc' });
		const refused = expect(words).rejects.toMatchObject({ name: 'AbortError' });
		await other.dispose();
		await refused;
		await expect(encoded.detect!({ words: 'disc' })).rejects.toMatchObject({ name: 'AbortError' });
	});
});
