import { expect, it } from 'vitest';
import { lowestFirst, topmostAt, type ShownMask } from './shown-masks.ts';

const shown = (target: number, from: number, to: number): ShownMask => ({
	...{ target, colour: target, on: true, from: 'marks' },
	mask: { width: 10, height: 1, counts: [from, to - from, 10 - to] }
});

const person = shown(1, 0, 8);
const shirt = shown(2, 2, 5);
const dog = shown(3, 7, 10);

it('lays small masks over large ones, and a click is about what lies on top', () => {
	const all = [shirt, person, dog];
	expect(lowestFirst(all)).toEqual([person, shirt, dog]);
	const at = (x: number) => topmostAt(all, { x, y: 0 });
	expect([at(1), at(3), at(7.5), at(9)]).toEqual([person, shirt, dog, dog]);
	expect(topmostAt([person], { x: 9, y: 0 })).toBeUndefined();
});

it('lays the later one of two masks of one size on top', () => {
	const twin = shown(4, 2, 5);
	expect(lowestFirst([shirt, twin])).toEqual([shirt, twin]);
	expect(topmostAt([shirt, twin], { x: 3, y: 0 })).toBe(twin);
});
