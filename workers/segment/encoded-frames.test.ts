import { expect, it } from 'vitest';
import type { EncodedFrame } from '../../models/segmenter.ts';
import { EncodedFrames } from './encoded-frames.ts';

it('keeps what was used last, within its bytes, and disposes of the rest', () => {
	const disposed: string[] = [];
	const frame = (name: string): EncodedFrame => ({
		segment: async () => [],
		dispose: () => disposed.push(name)
	});
	const frames = new EncodedFrames(30);
	frames.set('a', frame('a'), 10);
	frames.set('b', frame('b'), 10);
	frames.set('c', frame('c'), 10);
	expect(frames.get('a')).toBeDefined();
	frames.set('d', frame('d'), 10);
	expect(disposed).toEqual(['b']);
	expect(frames.get('b')).toBeUndefined();
	frames.set('a', frame('newer a'), 10);
	expect(disposed).toEqual(['b', 'a']);
	frames.set('large', frame('large'), 40);
	expect(disposed).toEqual(['b', 'a', 'c', 'd']);
	expect(frames.get('a')).toBeDefined();
	frames.clear();
	expect(disposed.slice(4).sort()).toEqual(['large', 'newer a']);
});
