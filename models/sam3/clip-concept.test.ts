import { Tensor } from 'onnxruntime-common';
import { beforeEach, expect, test } from 'vitest';
import type { Concept } from '../segmenter.ts';
import { ClipConcept, type ClipConceptParts } from './clip-concept.ts';
import type { DetectorFeatures } from './detect.ts';
import { regionOf } from './regions.ts';

const level = new Tensor('float32', [0], [1, 1, 1, 1]);
const features: DetectorFeatures = { det: [level, level, level] };
const examples = [{ x: 1, y: 1, width: 4, height: 4, positive: true }];

/** What was read and looked for, in short. */
let log: string[];
beforeEach(() => {
	log = [];
});

const found = [
	{ score: 0.9, box: [0, 0, 0.5, 1], logits: Float32Array.of(1, 1, 1, 1, -1, -1, -1, -1) },
	{ score: 0.8, box: [0.5, 0, 1, 1], logits: Float32Array.of(-1, -1, -1, -1, 1, 1, 1, 1) }
] as const;

/** A detector that reads words as 1 number, examples as 2, and finds two things. */
const detector: ClipConceptParts['detector'] = {
	async read(concept: Concept) {
		log.push(`read ${Object.keys(concept).join(' and ')}`);
		return {
			words: new Float32Array(1),
			...(concept.examples && { examples: new Float32Array(2) })
		};
	},
	async find(_, prompt, options) {
		log.push(`find ${prompt.examples ? 'alike' : 'words'} ${options?.threshold} ${options?.overlap}`);
		return [...found];
	}
};

const config = { score_threshold_detection: 0.5, det_nms_thresh: 0.1, assoc_iou_thresh: 0.1 };
const parts = { detector, config, picture: { width: 8, height: 8 } };

async function look(concept: Concept, portableExamples: boolean, frames: readonly number[]) {
	const clip = new ClipConcept({ ...parts, options: { portableExamples } }, concept, 3);
	if (clip.learnsFirst) await clip.learn(features);
	for (const frame of frames) {
		log.push(`frame ${frame}`);
		if (!(await clip.find(features, frame))) log.push('not looked');
	}
	return log.join(', ');
}

test('words are read once and looked for on every frame', async () => {
	expect(await look({ words: 'a dog' }, false, [0, 1])).toBe(
		'frame 0, read words, find words 0.5 0.1, frame 1, find words 0.5 0.1'
	);
});

test('examples count on their own frame; elsewhere nothing new is looked for', async () => {
	expect(await look({ examples }, false, [3, 4])).toBe(
		'frame 3, read examples, find alike 0.5 0.1, frame 4, not looked'
	);
});

test('what is followed already is not found again', async () => {
	const clip = new ClipConcept({ ...parts, options: { portableExamples: false } }, { words: 'a dog' }, 0);
	const taken = regionOf([1, 1, 0, 0, 0, 0, 0, 0]);
	expect(await clip.find(features, 0, [taken])).toEqual([found[1]]);
	const barely = regionOf([1, 0, 0, 0, 0, 0, 0, 0]);
	const parted = {
		...parts,
		config: { ...config, assoc_iou_thresh: 0.3 },
		options: { portableExamples: false }
	};
	expect(await new ClipConcept(parted, { words: 'a dog' }, 0).find(features, 0, [barely])).toEqual(found);
});

test('words go on where examples end', async () => {
	expect(await look({ words: 'a dog', examples }, false, [3, 4])).toBe(
		'frame 3, read words and examples, find alike 0.5 0.1, frame 4, read words, find words 0.5 0.1'
	);
});

test('portable examples are learned first, and count on every frame', async () => {
	expect(await look({ examples }, true, [2, 3])).toBe(
		'read examples, frame 2, find alike 0.5 0.1, frame 3, find alike 0.5 0.1'
	);
});
