import { expect, it } from 'vitest';
import { createClassicMatter, createClassicSegmenter } from '../../models/classic/index.ts';
import type { Size } from '../../models/frame.ts';
import { encodeMask } from '../../models/mask.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions, type Matter } from '../../models/matter.ts';
import type { JobRequest, Progress } from '../../server/protocol/schema.ts';
import { runMatte, type JobParts } from './run.ts';
import type { BrowserOutput, ClipFrame } from './types.ts';

const size = { width: 160, height: 90 };
const count = 6;

/** Whether a pixel belongs to a square that moves to the right. */
const isTarget = (x: number, y: number, index: number) =>
	Math.abs(x - 60 - 3 * index) < 25 && Math.abs(y - 45) < 25;

function draw(index: number, { width, height }: Size): ClipFrame {
	const data = new Uint8Array(width * height * 4);
	for (let i = 0; i < width * height; i++) {
		const [x, y] = [i % width, Math.floor(i / width)];
		data.set(isTarget(x, y, index) ? [210, 60 + (y % 9), 40, 255] : [40, 90 + (x % 17), 70, 255], i * 4);
	}
	return { width, height, data, index, time: index / 25, duration: 1 / 25 };
}

const clip: JobParts['clip'] = {
	info: { ...size, frames: count, variableFrameRate: true },
	indexAt: (seconds) => Math.round(seconds * 25),
	frameAt: async (index) => draw(index, size),
	async *frames() {
		for (let i = 0; i < count; i++) yield draw(i, size);
	},
	async *framesBackward({ before }) {
		for (let i = Math.round(before * 25) - 1; i >= 0; i--) yield draw(i, size);
	}
};

function request(outputs: JobRequest['outputs']): JobRequest {
	const data = new Uint8Array(160 * 90);
	for (let i = 0; i < data.length; i++) data[i] = isTarget(i % 160, Math.floor(i / 160), 2) ? 255 : 0;
	return {
		clip: '0'.repeat(64),
		name: 'My: clip.mov',
		keyframes: [{ time: 2 / 25, mask: encodeMask({ ...size, data }) }],
		engine: 'classic',
		options: defaultMatteOptions,
		outputs
	};
}

it('mattes a clip into the outputs that a browser can make, and says what it left out', async () => {
	const written: [kind: BrowserOutput, index: number, inside: number, outside: number][] = [];
	const seen: Progress[] = [];
	const outcome = await runMatte(
		request(['alpha', 'prores', 'foreground', 'alpha']),
		{
			clip,
			loadEngine: async () => ({
				matter: await createClassicMatter(),
				segmenter: await createClassicSegmenter(),
				provider: 'browser',
				standIn: false
			}),
			openOutput: async (kind) => ({
				async write({ index }, alpha, foreground) {
					const at = (x: number, y: number) => y * 160 + x;
					const inside = at(60 + 3 * index, 45);
					written.push([kind, index, alpha.data[inside]!, alpha.data[at(2, 2)]!]);
					expect(foreground.data[4 * inside + 3]).toBe(255);
				},
				finish: async () => ({
					blob: new Blob([kind], { type: 'video/mp4' }),
					extension: 'mp4',
					notices: [{ code: 'encoded-in-browser', params: { codec: 'VP9' } }]
				})
			})
		},
		(progress) => seen.push(progress)
	);
	for (const kind of ['alpha', 'foreground'])
		expect(written.filter(([each]) => each === kind).map(([, ...rest]) => rest)).toEqual(
			Array.from({ length: count }, (_, i) => [i, 255, 0])
		);
	expect(outcome.results.map(({ blob: _, ...result }) => result)).toEqual([
		{ kind: 'alpha', file: 'My_ clip_alpha.mp4', bytes: 5, mime: 'video/mp4' },
		{ kind: 'foreground', file: 'My_ clip_foreground.mp4', bytes: 10, mime: 'video/mp4' }
	]);
	expect(outcome.notices).toEqual([
		{ code: 'encoded-in-browser', params: { codec: 'VP9' } },
		{ code: 'output-unavailable', params: { kind: 'prores' } },
		{ code: 'variable-frame-rate', params: {} }
	]);
	expect(outcome.record).toMatchObject({ engine: 'classic', provider: 'browser', frames: count, ...size });
	expect([...new Set(seen.map(({ stage }) => stage))]).toEqual(['load', 'track', 'matte', 'finish']);
});

it.each([
	['as asked for', 45, undefined, { workWidth: 80, workHeight: 45 }],
	['smaller, where memory was short', -1, { width: 53, height: 30 }, { workWidth: 53, workHeight: 30 }]
])('records the size that a network worked at: %s', async (_, maxSize, smaller, worked) => {
	const matter: Matter = {
		...{ id: 'matanyone2-web', masks: 'keyframes', window: 1, maxPixels: 1e6 },
		async *matte(inputs, _options, { onNotice } = {}) {
			if (smaller) onNotice?.({ code: 'worked-smaller', params: smaller });
			for await (const { frame } of inputs)
				yield { frame, alpha: { ...size, data: new Uint8Array(160 * 90) } };
		},
		dispose() {}
	};
	const matanyone = { ...defaultMatAnyoneOptions, maxSize };
	const outcome = await runMatte(
		{ ...request([]), engine: 'matanyone2-web', options: { ...defaultMatteOptions, matanyone } },
		{
			clip,
			loadEngine: async () => ({
				matter,
				segmenter: await createClassicSegmenter(),
				provider: 'wasm',
				standIn: false
			}),
			openOutput: () => Promise.reject(new Error('none was asked for'))
		},
		() => {}
	);
	expect(outcome.record).toMatchObject({ ...size, ...worked });
});
