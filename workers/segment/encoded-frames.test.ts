import { expect, it } from 'vitest';
import type { EncodedFrame } from '../../models/segmenter.ts';
import { EncodedFrames } from './encoded-frames.ts';

it('keeps the frames used last and disposes of the others', () => {
	const disposed: string[] = [];
	const frame = (name: string): EncodedFrame => ({
		segment: async () => [],
		dispose: () => disposed.push(name)
	});
	const frames = new EncodedFrames(2);
	frames.set('a', frame('a'));
	frames.set('b', frame('b'));
	expect(frames.get('a')).toBeDefined();
	frames.set('c', frame('c'));
	expect(disposed).toEqual(['b']);
	expect(frames.get('b')).toBeUndefined();
	frames.set('a', frame('newer a'));
	expect(disposed).toEqual(['b', 'a']);
	expect(frames.get('c')).toBeDefined();
});
