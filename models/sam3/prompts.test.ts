import { describe, expect, it } from 'vitest';
import type { Prompt } from '../segmenter.ts';
import { fewPoints, readPrompts, type PromptPoint } from './prompts.ts';

const reading = { picture: { width: 200, height: 100 }, side: 1000, strokePoints: 3 };
const click = (x: number, y: number, positive = true): Prompt => ({ kind: 'point', x, y, positive });

describe('prompts as points of the input', () => {
	it('stretches each axis on its own', () => {
		expect(readPrompts([click(50, 50), click(200, 0, false)], reading)).toEqual([
			[{ x: 250, y: 500, label: 1 }],
			[{ x: 1000, y: 0, label: 0 }]
		]);
	});

	it('puts the box first, as its corners, within the picture', () => {
		const box: Prompt = { kind: 'box', x: -20, y: 10, width: 120, height: 40 };
		expect(readPrompts([click(50, 50), box], reading)).toEqual([
			[
				{ x: 0, y: 100, label: 2 },
				{ x: 500, y: 500, label: 3 }
			],
			[{ x: 250, y: 500, label: 1 }]
		]);
	});

	it('takes one box around all', () => {
		const boxes: Prompt[] = [
			{ kind: 'box', x: 20, y: 10, width: 20, height: 20 },
			{ kind: 'box', x: 100, y: 50, width: 20, height: 20 }
		];
		expect(readPrompts(boxes, reading)).toEqual([
			[
				{ x: 100, y: 100, label: 2 },
				{ x: 600, y: 700, label: 3 }
			]
		]);
	});

	it('makes a few clicks of a stroke', () => {
		const stroke: Prompt = {
			kind: 'stroke',
			points: [
				[20, 20],
				[140, 20]
			],
			radius: 4,
			positive: false
		};
		const [, points] = readPrompts([click(50, 50), stroke], reading);
		expect(points).toEqual([200, 400, 600].map((x) => ({ x, y: 200, label: 0 })));
	});

	it('refuses what says nothing, lies outside or is empty', () => {
		expect(() => readPrompts([], reading)).toThrow('prompt-empty');
		expect(() => readPrompts([click(1, 1, false)], reading)).toThrow('prompt-empty');
		expect(() => readPrompts([click(1, 101)], reading)).toThrow('prompt-outside');
		expect(() => readPrompts([{ kind: 'box', x: 1, y: 1, width: 0, height: 5 }], reading)).toThrow(
			'box-empty'
		);
		expect(readPrompts([click(1, 1, false)], { ...reading, refines: true })).toHaveLength(1);
	});

	it('keeps the first and the newest of too many points', () => {
		const points = Array.from({ length: 9 }, (_, x): PromptPoint => ({ x, y: 0, label: 1 }));
		expect(fewPoints(points, 5).map(({ x }) => x)).toEqual([0, 1, 6, 7, 8]);
		expect(fewPoints(points, 9)).toEqual(points);
		expect(fewPoints(points, 0)).toEqual(points);
	});
});
