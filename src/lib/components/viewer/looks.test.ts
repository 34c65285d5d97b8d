import { expect, it } from 'vitest';
import type { ShownMask } from '$lib/state/prompting.svelte.ts';
import type { Rgb } from './colour.ts';
import { layersOf } from './looks.ts';

const size = { width: 10, height: 1 };
const shown = (target: number, from: number, to: number, on = true): ShownMask => ({
	target,
	colour: target,
	on,
	from: 'marks',
	mask: { ...size, counts: [from, to - from, 10 - to] }
});
const colourOf = (colour: number): Rgb => [colour / 10, 0, 0];

const person = shown(1, 0, 8);
const shirt = shown(2, 2, 5);
const dog = shown(3, 7, 10, false);
const all = [shirt, person, dog];

it('lays small masks over large ones, and the preview over all', () => {
	const preview = { ...size, counts: [0, 10] };
	const layers = layersOf(all, { active: 1, preview }, colourOf, 1);
	expect(layers.slice(0, 3).map(({ mask }) => mask)).toEqual([person.mask, shirt.mask, dog.mask]);
	expect(layers[3]).toMatchObject({ mask: preview, colour: [0.55, 0.5, 0.5] });
});

it('shows the active target stronger, and one that is off by its outline only', () => {
	const [first, second, third] = layersOf(all, { active: 1 }, colourOf, 1);
	expect(first!.tint).toBeGreaterThan(second!.tint);
	expect(third!.tint).toBe(0);
	expect(third!.edge).toBeGreaterThan(0);
	const [, , pointed] = layersOf(all, { active: 1, pointed: 3 }, colourOf, 1);
	expect(pointed!.tint).toBeGreaterThan(0);
});
