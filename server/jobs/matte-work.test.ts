import { expect, it, vi } from 'vitest';
import { KnownKeys } from './matte-work.ts';

it('makes a key once, and anew when weights or program are others', () => {
	const keys = new KnownKeys();
	const make = vi.fn(() => 'one');
	const maker = { version: '1', weights: 'a' };
	expect(keys.get(undefined, maker, make)).toBe('one');
	expect(keys.get('one', { ...maker }, make)).toBe('one');
	expect(make).toHaveBeenCalledTimes(1);
	expect(keys.get('one', { ...maker, weights: 'b' }, () => 'two')).toBe('two');
	// As after a restart: what it was made with is not known.
	expect(new KnownKeys().get('one', maker, make)).toBe('one');
	expect(make).toHaveBeenCalledTimes(2);
	// A request that came anew has no key yet.
	expect(keys.get(undefined, maker, () => 'three')).toBe('three');
});
