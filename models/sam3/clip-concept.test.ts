import { Tensor } from 'onnxruntime-common';
import { beforeEach, expect, test } from 'vitest';
import type { Concept } from '../segmenter.ts';
import { ClipConcept, type ClipConceptParts } from './clip-concept.ts';
import type { DetectorFeatures } from './detect.ts';

const level = new Tensor('float32', [0], [1, 1, 1, 1]);
const features: DetectorFeatures = { det: [level, level, level] };
const examples = [{ x: 1, y: 1, width: 4, height: 4, positive: true }];

/** What was read and looked for, in short. */
let log: string[];
beforeEach(() => {
	log = [];
});

/** A detector that reads words as 1 number, examples as 2, and finds nothing. */
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
		return [];
	}
};

async function look(concept: Concept, portableExamples: boolean, frames: readonly number[]) {
	const config = { score_threshold_detection: 0.5, det_nms_thresh: 0.1 };
	const parts = { detector, config, options: { portableExamples }, picture: { width: 8, height: 8 } };
	const clip = new ClipConcept(parts, concept, 3);
	if (clip.learnsFirst) await clip.learn(features);
	for (const frame of frames) {
		log.push(`frame ${frame}`);
		expect(await clip.find(features, frame)).toEqual([]);
	}
	return log.join(', ');
}

test('words are read once and looked for on every frame', async () => {
	expect(await look({ words: 'a dog' }, false, [0, 1])).toBe(
		'frame 0, read words, find words 0.5 0.1, frame 1, find words 0.5 0.1'
	);
});

test('examples count on their own frame; elsewhere nothing new is looked for', async () => {
	expect(await look({ examples }, false, [3, 4])).toBe('frame 3, read examples, find alike 0.5 0.1, frame 4');
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
