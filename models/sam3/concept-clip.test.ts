import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, type Bench } from '../parity/bench.node.ts';
import { parityFile, type ParityFile } from '../parity/parity-file.ts';
import { phraseOf, phraseTokens, pixelsOf } from '../parity/sam3-inputs.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { standInWeight } from '../weights/stand-in.ts';
import { ClipConcept } from './clip-concept.ts';
import expected from './concept-clip.json' with { type: 'json' };
import { ConceptTracker } from './concept-tracker.ts';
import { parseSam3Config } from './config.ts';
import { maskSide } from './decode.ts';
import { ConceptDetector } from './detect.ts';
import { encodePixels, type FrameFeatures } from './features.ts';
import { buildDetectionMasks } from './graphs/detection-masks.ts';
import { buildDetector } from './graphs/detector.ts';
import { buildGeometryEncoder } from './graphs/geometry-encoder.ts';
import { buildMaskDecoder } from './graphs/mask-decoder.ts';
import { buildMemoryAttention } from './graphs/memory-attention.ts';
import { buildMaskDownsample, buildMaskMemory, buildMemoryEncoder } from './graphs/memory-encoder.ts';
import { buildTextEncoder } from './graphs/text-encoder.ts';
import { buildVisionEncoder } from './graphs/vision-encoder.ts';
import { transformersOptions as options } from './options.ts';
import { Phrases } from './phrases.ts';
import { VideoTracker } from './tracker.ts';

// What `Sam3VideoModel` of transformers 5.18 finds and follows by a phrase, with the stand-in weights of the parity file, at 112 pixels, on the
// parity file's clip of six frames; the first five are kept, every eighth logit of each mask. Where it leaves a step out on the CPU
// (NMS, holes), it was given the step; new objects begin there, as here, from a mask of 0 and 1.

const size = 112;
const frames = 6;
const patience = 60_000;

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	const path = fileURLToPath(new URL('../parity/sam3.safetensors', import.meta.url));
	file = parityFile(await openCheckpoint(path));
	bench = await createBench(file.weights);
}, patience);
afterAll(() => bench.dispose());

test(
	'finds and follows the same as the public implementation',
	async () => {
		const { weights } = file;
		const config = parseSam3Config({ ...(file.config as object), ...expected.config });
		const build = { weights: weights.tensors, config, size, precision: 'float32' } as const;
		const networks = await bench.open({
			vision: buildVisionEncoder(build),
			text: buildTextEncoder(build),
			geometry: buildGeometryEncoder(build),
			detector: buildDetector(build),
			masks: buildDetectionMasks(build),
			decoder: buildMaskDecoder(build),
			memoryAttention: buildMemoryAttention(build),
			memoryEncoder: buildMemoryEncoder(build),
			maskMemory: buildMaskMemory(build),
			maskDownsample: buildMaskDownsample(build)
		});
		const vector = (name: string) =>
			standInWeight(name, weights.shapes[name]!, weights.gain, weights.override);
		const constants = {
			noMemory: vector('tracker_model.no_memory_embedding'),
			noObjectPointer: vector('tracker_model.no_object_pointer')
		};
		const { ids, mask } = phraseOf(config);
		const tokenizer = {
			encode: () => ({
				ids: ids!.data as BigInt64Array,
				mask: mask!.data as Uint8Array,
				length: phraseTokens.length
			})
		};
		const detector = new ConceptDetector({
			networks,
			config,
			size,
			phrases: new Phrases(networks, tokenizer),
			options: options.detection
		});
		const picture = { width: size, height: size };
		const concept = new ClipConcept(
			{ detector, config, options: options.concepts, picture },
			{ words: 'any' },
			0
		);
		const side = maskSide({ config, size });
		const tracker = new ConceptTracker<FrameFeatures>({
			config,
			options: options.concepts,
			size: { width: side, height: side },
			detect: (features, frame) => concept.find(features, frame),
			objects: new VideoTracker({ networks, constants, config, size }, options, frames),
			firstId: 0
		});

		for (const [frame, wanted] of expected.frames.entries()) {
			const features = await encodePixels(networks, pixelsOf(size, frame), size);
			// An object that is removed later was still there when the reference looked.
			const [found] = [...(await tracker.step(features, frame)), ...tracker.flush()];
			features.dispose();
			expect(found!.objects.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
			for (const [i, { logits }] of wanted.entries()) {
				const ours = found!.objects[i]!.logits.filter((_, at) => at % 8 === 0);
				expect(ours).toHaveLength(logits.length);
				const distances = logits.map((logit, at) => Math.abs(logit - ours[at]!));
				expect(Math.max(...distances)).toBeLessThan(1e-3);
			}
		}
	},
	patience
);
