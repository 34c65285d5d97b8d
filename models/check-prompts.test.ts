import { describe, expect, it } from 'vitest';
import { checkConcept, checkPrompts } from './check-prompts.ts';
import type { Concept, Prompt } from './segmenter.ts';

const picture = { width: 100, height: 50 };
const box = (x: number, y: number, width: number, height: number): Prompt => ({
	kind: 'box',
	x,
	y,
	width,
	height
});
const point = (x: number, y: number, positive = true): Prompt => ({ kind: 'point', x, y, positive });
const stroke = (...points: [number, number][]): Prompt => ({
	kind: 'stroke',
	points,
	radius: 4,
	positive: true
});

describe('prompts', () => {
	it.each<[string, Prompt[]]>([
		['a click on the edge', [point(100, 50)]],
		['a box that reaches beyond the picture', [box(-20, 10, 40, 100)]],
		['a stroke that leaves it', [stroke([90, 10], [130, 10])]],
		['clicks of both kinds', [point(1, 1), point(9, 9, false)]]
	])('take %s', (_, prompts) => expect(() => checkPrompts(prompts, picture)).not.toThrow());

	it.each<[string, Prompt[], string]>([
		['a click outside', [point(101, 5)], 'prompt-outside'],
		['a box outside', [box(100, 0, 5, 5)], 'prompt-outside'],
		['a stroke outside', [stroke([-1, 0], [5, 60])], 'prompt-outside'],
		['a box without an area', [box(5, 5, 0, 9)], 'box-empty'],
		['nothing', [], 'prompt-empty'],
		['what is not the target alone', [point(5, 5, false)], 'prompt-empty'],
		['a stroke without a path', [stroke()], 'prompt-empty'],
		['a stroke without a path beside a click', [point(5, 5), stroke()], 'prompt-empty']
	])('refuse %s', (_, prompts, code) =>
		expect(() => checkPrompts(prompts, picture)).toThrow(expect.objectContaining({ code }))
	);

	it('need not say where the target is when they correct a mask', () => {
		expect(() => checkPrompts([point(5, 5, false)], picture, true)).not.toThrow();
		expect(() => checkPrompts([], picture, true)).not.toThrow();
	});
});

describe('words and examples', () => {
	const example = { x: 5, y: 5, width: 10, height: 10, positive: true };

	it.each<[string, Concept]>([
		['words', { words: 'the dog' }],
		['an example', { examples: [example] }],
		['both', { words: 'the dog', examples: [{ ...example, positive: false }] }]
	])('take %s', (_, concept) => expect(() => checkConcept(concept, picture)).not.toThrow());

	it.each<[string, Concept, string]>([
		['nothing', {}, 'words-empty'],
		['blank words', { words: ' ', examples: [example] }, 'words-empty'],
		['an example without an area', { examples: [{ ...example, height: 0 }] }, 'box-empty'],
		['only what is not meant', { examples: [{ ...example, positive: false }] }, 'prompt-empty'],
		['an example outside', { words: 'dog', examples: [{ ...example, y: 50 }] }, 'prompt-outside']
	])('refuse %s', (_, concept, code) =>
		expect(() => checkConcept(concept, picture)).toThrow(expect.objectContaining({ code }))
	);
});
