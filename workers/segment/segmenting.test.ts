import { describe, expect, it } from 'vitest';
import type { Frame, Mask } from '../../models/frame.ts';
import type { Segmenter, TrackableClip, TrackRequest } from '../../models/segmenter.ts';
import { Segmenting } from './segmenting.ts';

const size = { width: 4, height: 1 };
const left: Mask = { ...size, data: Uint8Array.of(255, 255, 0, 0) };
const picture = { close() {} } as ImageBitmap;

/** A worker whose segmenter says what it was asked; tracking takes a frame after the other through a gate. */
function build() {
	const asked: string[] = [];
	let request: TrackRequest | undefined;
	let open = 0;
	const segmenter = {
		id: 'sam3',
		prompts: ['point'],
		async encode() {
			asked.push('encode');
			return {
				segment: async (prompts, _signal, mask) => {
					await new Promise((resolve) => setTimeout(resolve, 5));
					asked.push(`${prompts.length} prompts${mask ? ' and a mask' : ''}`);
					return [{ mask: mask ?? left, score: 0.9 }];
				},
				detect: async () => [{ mask: left, score: 0.8, box: { x: 0, y: 0, width: 2, height: 1 } }],
				dispose() {}
			};
		},
		async *trackClip(_clip, asking) {
			request = asking;
			for (let index = asking.from ?? 0; index <= (asking.to ?? 3); index++) {
				asked.push(`frame ${index}`);
				yield { index, masks: new Map([[1, left]]) };
			}
		}
	} as Pick<Segmenter, 'id' | 'prompts' | 'encode' | 'trackClip'> as Segmenter;
	const opened = async () => ({
		segmenter,
		info: {
			...{ engine: 'sam3' as const, prompts: [], refines: true, concepts: true },
			...{ standIn: false, reasons: [] }
		},
		frameBytes: () => 1
	});
	const worker = new Segmenting({
		...{ openClassic: opened, openSam3: opened },
		openClip: async () => {
			open++;
			return { info: { ...size, frames: 4 }, close: () => void open-- } as TrackableClip & { close(): void };
		},
		readPixels: (_, { width, height }): Frame => ({ width, height, data: new Uint8ClampedArray(16) })
	});
	return { worker, asked, request: () => request, open: () => open };
}

const point = { kind: 'point', x: 1, y: 0, positive: true } as const;
const runs = { ...size, counts: [0, 2, 2] };

describe('the segment worker', () => {
	it('answers about frames that it was given, and about no others', async () => {
		const { worker } = build();
		expect(await worker.segment('a', [point])).toBeUndefined();
		expect(await worker.has('a')).toBe(false);
		await worker.setFrame('a', picture, size);
		expect(await worker.has('a')).toBe(true);
		expect(await worker.segment('a', [point])).toMatchObject({ mask: runs, score: 0.9, engine: 'sam3' });
		expect(await worker.segment('a', [point], { ...size, counts: [3, 1] })).toMatchObject({
			mask: { ...size, counts: [3, 1] }
		});
		expect(await worker.detect('a', { words: 'dog' })).toMatchObject({
			found: [{ mask: runs, score: 0.8, box: { width: 2 } }]
		});
		expect((await worker.info()).encodeMilliseconds).toBeGreaterThanOrEqual(0);
	});

	it('forgets its frames when SAM 3 takes over', async () => {
		const { worker } = build();
		await worker.setFrame('a', picture, size);
		await worker.openSam3({}, () => {});
		expect(await worker.segment('a', [point])).toBeUndefined();
	});
});

describe('tracking in the segment worker', () => {
	const target = { id: 1, keyframes: [{ frame: 0, prompts: [], mask: runs }] };

	it('gives masks as they come, and lets questions in between frames', async () => {
		const { worker, asked, request, open } = build();
		await worker.setFrame('a', picture, size);
		const frames: number[] = [];
		let answer: unknown;
		await worker.track(new Blob(), 'clip', { targets: [target] }, (index, masks) => {
			expect(masks).toEqual([[1, runs]]);
			frames.push(index);
			if (index === 1) answer = worker.segment('a', [point]);
		});
		expect(frames).toEqual([0, 1, 2, 3]);
		expect(await answer).toBeDefined();
		expect(open()).toBe(0);
		expect(asked.slice(1)).toEqual(['frame 0', 'frame 1', '1 prompts', 'frame 2', 'frame 3']);
		expect(request()!.targets[0]!.keyframes[0]!.mask!.data).toEqual(left.data);
	});

	it('ends when it is stopped', async () => {
		const { worker, asked, open } = build();
		const tracking = worker.track(new Blob(), 'clip', { targets: [target] }, async (index) => {
			if (index === 1) await worker.stopTracking();
		});
		await expect(tracking).rejects.toThrow(/abort/i);
		expect(asked).toEqual(['frame 0', 'frame 1']);
		expect(open()).toBe(0);
	});
});
