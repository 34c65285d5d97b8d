import { Tensor } from 'onnxruntime-common';
import { Graph } from '../onnx/graph.ts';
import { reshape, transpose } from '../onnx/operators/index.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import { maskSide } from '../sam3/decode.ts';
import type { Sam3Build } from '../sam3/build.ts';
import { gridOf, parseSam3Config } from '../sam3/config.ts';
import { buildDetectionMasks } from '../sam3/graphs/detection-masks.ts';
import { buildDetector } from '../sam3/graphs/detector.ts';
import { buildGeometryEncoder } from '../sam3/graphs/geometry-encoder.ts';
import { buildMaskDecoder } from '../sam3/graphs/mask-decoder.ts';
import { buildMemoryAttention } from '../sam3/graphs/memory-attention.ts';
import { buildMaskDownsample, buildMaskMemory, buildMemoryEncoder } from '../sam3/graphs/memory-encoder.ts';
import { buildTextEncoder } from '../sam3/graphs/text-encoder.ts';
import { buildVisionEncoder } from '../sam3/graphs/vision-encoder.ts';
import { sinePositions } from '../sam3/network/position-encoding.ts';
import { encodePixels, type FrameFeatures } from '../sam3/features.ts';
import { roiWeights } from '../sam3/roi-weights.ts';
import type { Sam3Constants } from '../sam3/networks.ts';
import { standInWeight } from '../weights/stand-in.ts';
import type { OpenGraphs, ParityModel, Tolerance } from './compare.ts';
import { exampleBoxes, phraseOf, phraseTokens, pixelsOf } from './sam3-inputs.ts';
import { trackObjects } from './sam3-tracking.ts';
import { shaped, type Named } from './shaped.ts';

/**
 * SAM 3's parity files: `vision.…`, `text.features`, what is found by words (`text.…`) and by words and boxes (`boxes.…`), and
 * `track.ORDER.frameF.…` of two objects that are followed from frame 0 on, then corrected on frame 3. Each tensor `X` has its shape beside it, as
 * `X.shape`.
 */
export const sam3Parity: ParityModel = {
	cap: (name) => (name.endsWith('.shape') ? Infinity : /^track\..*\.masks$/.test(name) ? 8192 : 4096),
	tolerance(name, { precision, blockSize }) {
		if (name.endsWith('.shape')) return { largest: 0 };
		if (blockSize !== undefined) return fourBits(name);
		return precision === 'float16' ? { relative: 2e-3 } : { largest: 1e-3, mean: 1e-4 };
	},
	async *answers({ config: json, metadata, weights }, open, { precision, blockSize, frames }) {
		const config = parseSam3Config(json);
		const size = config.detector_config.vision_config.backbone_config.image_size;
		const build: Sam3Build = {
			weights: weights.tensors,
			config,
			size,
			precision,
			blockSize,
			provider: 'cpu'
		};
		yield* shaped(detection(build, open));
		if (frames === 0) return;
		const vector = (name: string) =>
			standInWeight(name, weights.shapes[name]!, weights.gain, weights.override);
		const constants = {
			noMemory: vector('tracker_model.no_memory_embedding'),
			noObjectPointer: vector('tracker_model.no_object_pointer')
		};
		const tracked = tracking(build, constants, open, Number(metadata.frames));
		for await (const answer of shaped(tracked)) {
			const [, frame] = /\.frame(\d+)\./.exec(answer.name)!;
			if (frames !== undefined && Number(frame) >= frames) return;
			yield answer;
		}
	}
};

/**
 * How far 4 bits lead astray, with blocks of 32 columns or fewer. Stand-in weights are the worst case: their values fill the range evenly, so that
 * each matrix adds noise of 6 %, and nothing that training taught evens it out.
 */
function fourBits(name: string): Tolerance | undefined {
	if (name.startsWith('vision.')) return { relative: 0.12 };
	if (name === 'text.features') return { relative: 0.2 };
	// Which of several masks is the best, or whether an object is there at all, is then often another answer.
	return /^track\.([2-9]|\d\d)/.test(name) ? undefined : { relative: 0.35 };
}

async function* detection(build: Sam3Build, open: OpenGraphs): AsyncGenerator<Named> {
	const networks = await open({
		vision: buildVisionEncoder(build, { trace: true }),
		positions: positions(build),
		text: buildTextEncoder(build),
		geometry: buildGeometryEncoder(build),
		detector: buildDetector(build),
		masks: buildDetectionMasks(build)
	});
	const { size, config } = build;
	const pixels = new Tensor('float32', pixelsOf(size, 0), [1, 3, size, size]);
	const levels = await networks.vision.run({ pixels }, ['det_0', 'det_1', 'det_2', 'det_3']);
	for (const [name, tensor] of Object.entries(levels)) yield [name.replace('det_', 'vision.fpn.'), tensor];
	yield ['vision.pos.2', (await networks.positions.run({})).positions!];

	const { text } = await networks.text.run(phraseOf(config));
	yield ['text.features', text!];
	const words = (text!.data as Float32Array).subarray(0, phraseTokens.length * text!.dims[2]!);

	const grid = gridOf(config, size);
	const roi = config.detector_config.geometry_encoder_config.roi_size;
	const weights = roiWeights(exampleBoxes, grid, roi);
	const { geometry } = await networks.geometry.run({
		det_2: levels.det_2!,
		boxes: new Tensor('float32', exampleBoxes.flat(), [1, exampleBoxes.length, 4]),
		labels: new Tensor('int64', [1n, 0n], [1, exampleBoxes.length]),
		roi_y: new Tensor('float32', weights.y, [exampleBoxes.length, roi, grid]),
		roi_x: new Tensor('float32', weights.x, [exampleBoxes.length, roi, grid])
	});
	const prompts = { text: words, boxes: Float32Array.of(...words, ...(geometry!.data as Float32Array)) };
	for (const [name, values] of Object.entries(prompts)) {
		const channels = text!.dims[2]!;
		const prompt = new Tensor('float32', values, [1, values.length / channels, channels]);
		const { boxes, logits, presence, queries, encoded } = await networks.detector.run({
			det_2: levels.det_2!,
			prompt
		});
		yield [`${name}.pred_boxes`, boxes!];
		yield [`${name}.pred_logits`, logits!];
		yield [`${name}.presence_logits`, presence!];
		const inputs = {
			det_0: levels.det_0!,
			det_1: levels.det_1!,
			encoded: encoded!,
			prompt,
			queries: queries!
		};
		const { masks, semantic } = await networks.masks.run(inputs);
		yield [`${name}.pred_masks`, masks!];
		yield [`${name}.semantic_seg`, semantic!];
	}
}

/** Of two objects through the clip, and of a correction at its end. */
async function* tracking(
	build: Sam3Build,
	constants: Sam3Constants,
	open: OpenGraphs,
	frames: number
): AsyncGenerator<Named> {
	const { size, config } = build;
	const { vision, ...networks } = await open({
		vision: buildVisionEncoder(build),
		decoder: buildMaskDecoder(build),
		memoryAttention: buildMemoryAttention(build),
		memoryEncoder: buildMemoryEncoder(build),
		maskMemory: buildMaskMemory(build),
		maskDownsample: buildMaskDownsample(build)
	});
	const encoded = new Map<number, Promise<FrameFeatures>>();
	const encode = (t: number) => {
		const known = encoded.get(t) ?? encodePixels({ vision }, pixelsOf(size, t), size, { detector: false });
		encoded.set(t, known);
		return known;
	};
	const side = maskSide(build);
	let step = 0;
	for await (const { frame, objects } of trackObjects(
		{ networks, constants, config, size },
		encode,
		frames
	)) {
		const name = `track.${step++}.frame${frame}`;
		const logits = new Float32Array(objects.length * side * side);
		for (const [i, object] of objects.entries()) logits.set(object.logits, i * side * side);
		const scores = objects.map(({ score }) => score);
		yield [`${name}.masks`, new Tensor('float32', logits, [objects.length, 1, side, side])];
		yield [`${name}.score`, new Tensor('float32', scores, [objects.length, 1])];
	}
}

/** The detector's positions, as a map. */
function positions({ weights, config, size }: Sam3Build): GraphDefinition {
	const graph = new Graph({ name: 'positions', weights });
	const grid = gridOf(config, size);
	const channels = config.detector_config.vision_config.fpn_hidden_size;
	const rows = transpose(sinePositions(graph, grid, grid, channels), [1, 0]);
	graph.output('positions', reshape(rows, [1, channels, grid, grid]));
	return graph.define();
}
