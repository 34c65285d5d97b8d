import { Tensor } from 'onnxruntime-common';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Network, Tensors } from '../runtime.ts';
import { parseSam3Config } from './config.ts';
import { ConceptDetector } from './detect.ts';
import type { DetectionOptions } from './options.ts';
import { tokenizerJson } from './stand-in-tokenizer.ts';
import { Phrases } from './phrases.ts';
import { createTokenizer } from './tokenizer.ts';

/** Channels, the input's side with its grid, and the side of masks. */
const [C, size, grid, side] = [2, 56, 4, 16];
const picture = { width: 32, height: 48 };
const config = parseSam3Config({ model_type: 'sam3_video' });
const tokenizer = createTokenizer(tokenizerJson(['dog', 'visual'], 49406, 49407), config);
const options: DetectionOptions = { threshold: 0.5, overlap: 0.1, summary: false };

const tensor = (values: readonly number[], ...dims: number[]) =>
	new Tensor('float32', Float32Array.from(values), dims);
const zeros = (...dims: number[]) => tensor(Array(dims.reduce((a, b) => a * b)).fill(0), ...dims);
const features = { det: [zeros(1, C, 16, 16), zeros(1, C, 8, 8), zeros(1, C, grid, grid)] as const };

/** What the networks were asked, by their names. */
let asked: Record<string, Tensors[]>;
/** What the detector says of each query: its logit, and where it is (columns of the mask). */
let queries: { logit: number; from: number; to: number }[];
let presence: number;
beforeEach(() => {
	asked = {};
	presence = 20;
	queries = [
		{ logit: 1, from: 0, to: 4 },
		{ logit: -3, from: 6, to: 8 },
		{ logit: 3, from: 8, to: 16 },
		{ logit: 2, from: 9, to: 16 }
	];
});

function network(name: string, answer: (feeds: Tensors) => Tensors): Network {
	return {
		run: async (feeds) => {
			(asked[name] ??= []).push(feeds);
			return answer(feeds);
		},
		release: async () => {}
	};
}

function detector(changed: Partial<DetectionOptions> = {}): ConceptDetector {
	const networks = {
		text: network('text', ({ ids }) => ({
			text: tensor(
				Array.from(ids!.data as BigInt64Array, Number).flatMap((id) => [id, 1]),
				1,
				32,
				C
			)
		})),
		geometry: network('geometry', ({ labels }) => {
			const count = labels!.dims[1]! + 1;
			return { geometry: tensor(Array(count * C).fill(7), 1, count, C) };
		}),
		detector: network('detector', () => ({
			boxes: tensor(
				queries.flatMap(({ from, to }) => [from / side - 0.01, 0, to / side + 0.01, 0.5]),
				...[1, queries.length, 4]
			),
			logits: tensor(
				queries.map(({ logit }) => logit),
				1,
				queries.length
			),
			presence: tensor([presence], 1, 1),
			queries: tensor(
				queries.flatMap((_, i) => [i, i]),
				...[1, queries.length, C]
			),
			encoded: zeros(1, C, grid, grid)
		})),
		masks: network('masks', ({ queries: chosen }) => {
			const count = chosen!.dims[1]!;
			const drawn = Array.from({ length: count }, (_, i) => {
				const { from, to } = queries[(chosen!.data as Float32Array)[i * C]!]!;
				const inside = (x: number, y: number) => x >= from && x < to && y < side / 2;
				return Array.from({ length: side * side }, (_, p) =>
					inside(p % side, Math.floor(p / side)) ? 5 : -5
				);
			});
			return { masks: tensor(drawn.flat(), 1, count, side, side) };
		})
	};
	return new ConceptDetector({
		...{ networks, config, size, phrases: new Phrases(networks, tokenizer) },
		options: { ...options, ...changed }
	});
}

describe('finding things on a frame', () => {
	test('gives boxes, scores and masks of the frame, surest first, each thing once', async () => {
		const found = await detector().detect(features, picture, { words: 'dog' });
		expect(found.map(({ score }) => score.toFixed(3))).toEqual(['0.953', '0.731']);
		const [right, left] = found;
		expect(right!.box.x).toBeCloseTo(15.68, 4);
		expect(right!.box.x + right!.box.width).toBeCloseTo(32, 4);
		expect(left!.box).toMatchObject({ x: 0, y: 0, height: 24 });
		expect(left!.mask).toMatchObject(picture);
		const row = (y: number) => [...left!.mask.data.subarray(y * 32, (y + 1) * 32)];
		expect(row(10)).toEqual(Array.from({ length: 32 }, (_, x) => (x < 8 ? 255 : 0)));
		expect(row(30)).toEqual(Array(32).fill(0));
	});

	test('draws masks only of what is sure enough', async () => {
		await detector({ overlap: 1 }).detect(features, picture, { words: 'dog' });
		expect([...(asked.masks![0]!.queries!.data as Float32Array)]).toEqual([0, 0, 2, 2, 3, 3]);
		expect(await detector({ overlap: 1, threshold: 0.9 }).find(features, await prompt('dog'))).toHaveLength(
			1
		);
	});

	test('finds nothing where nothing is, whatever the queries say', async () => {
		presence = -10;
		expect(await detector().detect(features, picture, { words: 'dog' })).toEqual([]);
		expect(asked.masks).toBeUndefined();
	});

	test('leaves out what has no mask', async () => {
		queries = [{ logit: 5, from: 3, to: 3 }];
		expect(await detector().detect(features, picture, { words: 'dog' })).toEqual([]);
	});

	test('stops where it is told to', async () => {
		const stop = AbortSignal.abort(new Error('enough'));
		await expect(detector().detect(features, picture, { words: 'dog' }, stop)).rejects.toThrow('enough');
		expect(asked).toEqual({});
	});
});

const prompt = (words: string) => detector().read({ words }, features, picture);
/** The tokens that the detector was asked with last. */
const tokens = () => [...(asked.detector!.at(-1)!.prompt!.data as Float32Array)];
const dog = tokenizer.encode('dog').ids.subarray(0, 3);

describe('reading words and examples', () => {
	test('gives the tokens of the phrase and no padding', async () => {
		await detector().detect(features, picture, { words: ' Dog ' });
		expect(tokens()).toEqual([...dog].flatMap((id) => [Number(id), 1]));
		expect(tokens()).toHaveLength(6);
	});

	test('reads a phrase once', async () => {
		const one = detector();
		for (const words of ['dog', 'DOG', ' dog']) await one.detect(features, picture, { words });
		expect(asked.text).toHaveLength(1);
		await expect(one.read({ words: 'dog '.repeat(200) }, features, picture)).rejects.toMatchObject({
			code: 'words-long'
		});
		await one.detect(features, picture, { words: 'cat' });
		expect(asked.text).toHaveLength(2);
	});

	test('adds examples to words, as parts of the picture', async () => {
		const examples = [
			{ x: -8, y: 12, width: 24, height: 24, positive: true },
			{ x: 16, y: 0, width: 8, height: 12, positive: false }
		];
		await detector().detect(features, picture, { words: 'dog', examples });
		const { boxes, labels, roi_y } = asked.geometry![0]!;
		expect([...(boxes!.data as Float32Array)]).toEqual([0.25, 0.5, 0.5, 0.5, 0.625, 0.125, 0.25, 0.25]);
		expect([...(labels!.data as BigInt64Array)]).toEqual([1n, 0n]);
		expect(roi_y!.dims).toEqual([2, 7, grid]);
		expect(tokens().slice(6)).toEqual(Array(3 * C).fill(7));
	});

	test('takes examples to other frames', async () => {
		const one = detector();
		const examples = [{ x: 0, y: 0, width: 9, height: 9, positive: true }];
		const portable = await one.read({ examples }, features, picture);
		const other = { det: [features.det[0], features.det[1], zeros(1, C, grid, grid)] as const };
		await one.find(other, portable);
		expect(asked.geometry).toHaveLength(1);
		expect(asked.detector![0]!.det_2).toBe(other.det[2]);
		expect(await one.read({ words: 'visual' }, features, picture)).toEqual({ words: portable.words });
	});

	test('sums up no examples where training did', async () => {
		await detector({ summary: true }).detect(features, picture, { words: 'dog' });
		expect(asked.geometry![0]!.boxes!.dims).toEqual([1, 0, 4]);
		expect(tokens().slice(6)).toEqual([7, 7]);
		await detector({ summary: false }).detect(features, picture, { words: 'dog' });
		expect(tokens()).toHaveLength(6);
	});

	test.each([
		['words-empty', { words: '  ' }],
		['words-empty', {}],
		['words-long', { words: 'dog '.repeat(200) }],
		['box-empty', { examples: [{ x: 4, y: 4, width: 0, height: 9, positive: true }] }],
		['prompt-outside', { words: 'dog', examples: [{ x: 40, y: 4, width: 5, height: 9, positive: true }] }],
		['prompt-empty', { examples: [{ x: 4, y: 4, width: 9, height: 9, positive: false }] }]
	])('refuses what says nothing: %s', async (code, concept) => {
		await expect(detector().detect(features, picture, concept)).rejects.toMatchObject({ code });
		expect(asked).toEqual({});
	});
});
