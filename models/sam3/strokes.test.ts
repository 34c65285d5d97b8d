import { describe, expect, it } from 'vitest';
import type { Prompt } from '../segmenter.ts';
import { alongPath, paintStrokes } from './strokes.ts';

type Stroke = Extract<Prompt, { kind: 'stroke' }>;
const stroke = (points: Stroke['points'], radius = 1, positive = true): Stroke => ({
	...{ kind: 'stroke', points, radius, positive }
});

describe('clicks along a stroke', () => {
	const picture = { width: 100, height: 100 };

	it('lie evenly, round corners, and in the picture', () => {
		const path = stroke([
			[10, 10],
			[50, 10],
			[50, 50]
		]);
		expect(alongPath(path, picture, 4)).toEqual([
			[20, 10],
			[40, 10],
			[50, 20],
			[50, 40]
		]);
		const leaving = stroke([
			[90, 50],
			[130, 50]
		]);
		expect(alongPath(leaving, picture, 2)).toEqual([[100, 50]]);
	});

	it('are one for a dot, a short dab, or where all others fall outside', () => {
		expect(alongPath(stroke([[7, 8]]), picture, 4)).toEqual([[7, 8]]);
		expect(alongPath(stroke([]), picture, 4)).toEqual([]);
		const dab: Stroke['points'] = [
			[10, 10],
			[14, 10]
		];
		expect(alongPath(stroke(dab, 5), picture, 4)).toEqual([[12, 10]]);
		const gone: Stroke['points'] = [
			[95, 10],
			[195, 10]
		];
		expect(alongPath(stroke(gone), picture, 1)).toEqual([[95, 10]]);
	});
});

describe('painting', () => {
	const draw = (prompts: readonly Prompt[]) => {
		const size = { width: 6, height: 3 };
		const values = new Uint8Array(18).fill(1);
		paintStrokes(values, size, prompts, { width: 12, height: 6 }, (_, positive) => (positive ? 9 : 0));
		return Array.from({ length: 3 }, (_, y) => values.slice(6 * y, 6 * y + 6).join(''));
	};

	it('reaches every pixel whose middle is under the brush', () => {
		const line = stroke([
			[3, 3],
			[7, 3]
		]);
		expect(draw([line])).toEqual(['111111', '199911', '111111']);
		expect(draw([stroke([[5, 3]], 2)])).toEqual(['119111', '199911', '119111']);
	});

	it('lets a later stroke overrule an earlier one, and leaves other prompts alone', () => {
		const line = stroke([
			[3, 3],
			[7, 3]
		]);
		expect(draw([line, stroke([[5, 3]], 1, false)])).toEqual(['111111', '190911', '111111']);
		expect(draw([{ kind: 'point', x: 5, y: 3, positive: true }])).toEqual(['111111', '111111', '111111']);
	});
});
