import { describe, expect, it } from 'vitest';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import type { EngineId } from '../../models/registry.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import { canonicalJson, describeResult, describeTracking } from './key.ts';
import type { JobRequest, Tracking } from './schema.ts';

const mask = { width: 2, height: 2, counts: [1, 2, 1] };
const request: JobRequest = {
	clip: 'a'.repeat(64),
	name: 'clip.mp4',
	keyframes: [
		{ time: 0, mask },
		{ time: 1, mask }
	],
	engine: 'classic',
	options: defaultMatteOptions,
	outputs: ['alpha', 'webm']
};
const made = { version: '0.1.0' };
const key = describeResult(request, made);

describe('the description of a result', () => {
	it('is the same for the same result', () => {
		expect(describeResult({ ...request, outputs: ['webm', 'alpha', 'webm'] }, made)).toBe(key);
		expect(describeResult({ ...request, keyframes: [...request.keyframes].reverse() }, made)).toBe(key);
		const options = { gamma: 1, feather: 0, grow: 0, edgeRadius: 10 };
		expect(describeResult({ ...request, options }, made)).toBe(key);
		const renamed: JobRequest = { ...request, name: 'other.mp4' };
		expect(describeResult(renamed, made)).toBe(key);
	});

	it('is another for another result', () => {
		const others = [
			describeResult({ ...request, clip: 'b'.repeat(64) }, made),
			describeResult({ ...request, options: { ...defaultMatteOptions, gamma: 2 } }, made),
			describeResult({ ...request, outputs: ['alpha'] }, made),
			describeResult({ ...request, keyframes: [{ time: 0, mask }] }, made),
			describeResult(request, { version: '0.1.0', weights: 'b'.repeat(64) }),
			describeResult(request, { version: '0.2.0' })
		];
		expect(new Set([key, ...others]).size).toBe(7);
	});

	it('heeds what the engine heeds, and no more', () => {
		const matanyone = { ...defaultMatAnyoneOptions, warmup: 3 };
		const describe = (engine: EngineId, options: Partial<MatteOptions>) =>
			describeResult({ ...request, engine, options: { ...defaultMatteOptions, ...options } }, made);
		expect(describe('classic', { matanyone })).toBe(key);
		const plain = describe('matanyone2', {});
		expect(describe('matanyone2', { matanyone: defaultMatAnyoneOptions, grow: 4 })).toBe(plain);
		expect(describe('matanyone2', { matanyone })).not.toBe(plain);
		expect(describe('matanyone2', { gamma: 2 })).not.toBe(plain);

		const videomama = { ...defaultVideoMaMaOptions, seed: 1 };
		expect(describe('matanyone2', { videomama })).toBe(plain);
		expect(describe('videomama', { matanyone })).toBe(
			describe('videomama', { videomama: defaultVideoMaMaOptions })
		);
		expect(describe('videomama', { videomama })).not.toBe(describe('videomama', {}));
	});

	it('heeds what tracks the masks, where the engine needs that', () => {
		const sam3 = describeResult({ ...request, segmenter: 'sam3' }, made);
		expect(sam3).not.toBe(key);
		const weights = { ...made, segmenterWeights: 'c'.repeat(64) };
		expect(describeResult({ ...request, segmenter: 'sam3' }, weights)).not.toBe(sam3);
		expect(describeResult({ ...request, segmenter: 'classic' }, made)).toBe(key);
		const byKeyframes: JobRequest = { ...request, engine: 'matanyone2' };
		expect(describeResult({ ...byKeyframes, segmenter: 'sam3' }, made)).toBe(
			describeResult(byKeyframes, made)
		);
	});

	it('is what it was before there was a choice of segmenters', () => {
		const { keyframes, outputs } = request;
		const options = { edgeRadius: 10, feather: 0, gamma: 1, grow: 0 };
		const before = { clip: request.clip, engine: 'classic', keyframes, options, outputs, revision: '1' };
		expect(key).toBe(canonicalJson({ ...before, version: '0.1.0' }));
	});

	it('does not depend on the order of names', () => {
		expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
	});
});

describe('the description of tracked masks', () => {
	const clip = 'a'.repeat(64);
	const target = (id: number) => ({ id, keyframes: [{ time: 0, prompts: [], mask }] });
	const tracking: Tracking = { targets: [target(1), target(2)] };
	const described = describeTracking(clip, 'sam3', tracking, made);

	it('is the same in whatever order the targets are', () => {
		const reversed = { targets: [target(2), target(1)] };
		expect(describeTracking(clip, 'sam3', reversed, made)).toBe(described);
	});

	it('is another for other targets, ranges, words, segmenters and weights', () => {
		const others = [
			describeTracking(clip, 'sam3', { targets: [target(1)] }, made),
			describeTracking(clip, 'sam3', { ...tracking, to: 1 }, made),
			describeTracking(clip, 'sam3', { ...tracking, concept: { what: { words: 'dog' } } }, made),
			describeTracking(clip, 'classic', tracking, made),
			describeTracking(clip, 'sam3', tracking, { ...made, weights: 'c'.repeat(64) })
		];
		expect(new Set([described, ...others]).size).toBe(6);
	});
});
