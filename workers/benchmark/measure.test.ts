import { expect, it } from 'vitest';
import type { EncodedFrame } from '../../models/segmenter.ts';
import { measureSegmenter, median } from './measure.ts';

it('measures frames and clicks, and keeps no frame', async () => {
	let open = 0;
	const prompts: string[] = [];
	const frame: EncodedFrame = {
		async segment(given) {
			prompts.push(JSON.stringify(given));
			return [];
		},
		dispose: () => void open--
	};
	const stages: string[] = [];
	const encode = async () => (open++, frame);
	const times = await measureSegmenter({ encode }, 7, (stage) => stages.push(stage));
	expect(stages).toEqual(['encode', 'decode']);
	expect(times.open).toBe(7);
	expect(times.slowestDecode).toBeGreaterThanOrEqual(times.decode);
	expect(open).toBe(0);
	expect(new Set(prompts).size).toBe(prompts.length - 1);
});

it('tells the middle', () => {
	expect([median([3]), median([5, 1]), median([9, 1, 4])]).toEqual([3, 3, 4]);
});
