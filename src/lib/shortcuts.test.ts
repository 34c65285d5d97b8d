import { describe, expect, it } from 'vitest';
import { shortcutOf, shortcuts, type Combination } from './shortcuts.ts';

const press = (key: string, held: { ctrl?: boolean; meta?: boolean; shift?: boolean; alt?: boolean } = {}) =>
	shortcutOf({
		key,
		ctrlKey: held.ctrl ?? false,
		metaKey: held.meta ?? false,
		shiftKey: held.shift ?? false,
		altKey: held.alt ?? false
	});

describe('shortcutOf', () => {
	it('tells steps from jumps by Shift', () => {
		expect(press('ArrowLeft')).toBe('step-back');
		expect(press('ArrowLeft', { shift: true })).toBe('jump-back');
	});

	it('takes letters whatever Caps Lock says', () => {
		expect(press('B')).toBe('tool-box');
	});

	it('takes Command for Ctrl', () => {
		expect(press('z', { ctrl: true })).toBe('undo');
		expect(press('Z', { meta: true, shift: true })).toBe('redo');
	});

	it('takes signs however the keyboard makes them', () => {
		expect(press('?', { shift: true })).toBe('help');
		expect(press('+', { shift: true })).toBe('zoom-in');
	});

	it('leaves the browser its own', () => {
		expect(press('p', { ctrl: true })).toBeUndefined();
		expect(press('ArrowLeft', { alt: true })).toBeUndefined();
		expect(press('q')).toBeUndefined();
	});
});

it('gives no combination two meanings', () => {
	const all = shortcuts.flatMap(({ keys }: { keys: readonly Combination[] }) =>
		keys.map((combination) => JSON.stringify(combination))
	);
	expect(new Set(all).size).toBe(all.length);
});
