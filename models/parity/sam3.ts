import { Tensor } from 'onnxruntime-common';
import { Graph } from '../onnx/graph.ts';
import { reshape, transpose } from '../onnx/operators/index.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import type { Tensors } from '../runtime.ts';
import type { Sam3Build } from '../sam3/build.ts';
import { gridOf, parseSam3Config } from '../sam3/config.ts';
import { buildDetectionMasks } from '../sam3/graphs/detection-masks.ts';
import { buildDetector } from '../sam3/graphs/detector.ts';
import { buildGeometryEncoder } from '../sam3/graphs/geometry-encoder.ts';
import { buildTextEncoder } from '../sam3/graphs/text-encoder.ts';
import { buildVisionEncoder } from '../sam3/graphs/vision-encoder.ts';
import { sinePositions } from '../sam3/network/position-encoding.ts';
import { roiWeights, type NormalisedBox } from '../sam3/roi-weights.ts';
import { unit } from '../weights/stand-in.ts';
import type { Answer, OpenGraphs, ParityModel } from './compare.ts';

/**
 * SAM 3's parity files: `vision.…`, `text.features`, what is found by words (`text.…`) and by words and boxes (`boxes.…`), and
 * `track.ORDER.frameF.…` of two objects that are followed from frame 0 on, then corrected on frame 3. Each tensor `X` has its shape beside it, as
 * `X.shape`.
 */
export const sam3Parity: ParityModel = {
	cap: (name) => (name.endsWith('.shape') ? Infinity : /^track\..*\.masks$/.test(name) ? 8192 : 4096),
	tolerance(name, { precision, blockSize }) {
		if (precision === 'float32' && blockSize === undefined) return { largest: 1e-3, mean: 1e-4 };
		return { mean: 2e-3 };
	},
	async *answers({ config: json, metadata, weights }, open, { precision, blockSize, frames }) {
		const config = parseSam3Config(json);
		const size = config.detector_config.vision_config.backbone_config.image_size;
		const build: Sam3Build = { weights: weights.tensors, config, size, precision, blockSize };
		yield* shaped(detection(build, open));
	}
};

/** A tensor of the public implementation, by its name. */
type Named = readonly [name: string, tensor: Tensor];

async function* shaped(tensors: AsyncIterable<Named>): AsyncGenerator<Answer> {
	for await (const [name, tensor] of tensors) {
		yield { name, values: (await tensor.getData()) as Float32Array };
		yield { name: `${name}.shape`, values: tensor.dims };
	}
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

	const { text } = await networks.text.run(phrase(config.detector_config.text_config));
	yield ['text.features', text!];
	const words = (text!.data as Float32Array).subarray(0, PHRASE.length * text!.dims[2]!);

	const grid = gridOf(config, size);
	const roi = config.detector_config.geometry_encoder_config.roi_size;
	const weights = roiWeights(boxes, grid, roi);
	const { geometry } = await networks.geometry.run({
		det_2: levels.det_2!,
		boxes: new Tensor('float32', boxes.flat(), [1, boxes.length, 4]),
		labels: new Tensor('int64', [1n, 0n], [1, boxes.length]),
		roi_y: new Tensor('float32', weights.y, [boxes.length, roi, grid]),
		roi_x: new Tensor('float32', weights.x, [boxes.length, roi, grid])
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

/** Centre x, y, width and height: one that is meant, and one that is not. */
const boxes: readonly NormalisedBox[] = [
	[0.45, 0.5, 0.3, 0.34],
	[0.8, 0.2, 0.2, 0.25]
];

const PHRASE = [49406, 320, 2533, 530, 736, 49407];

/** The phrase's tokens, filled up with the last. */
function phrase({ max_position_embeddings: length }: { readonly max_position_embeddings: number }): Tensors {
	const ids = BigInt64Array.from({ length }, (_, i) => BigInt(PHRASE[Math.min(i, PHRASE.length - 1)]!));
	const mask = Uint8Array.from({ length }, (_, i) => Number(i < PHRASE.length));
	return { ids: new Tensor('int64', ids, [1, length]), mask: new Tensor('bool', mask, [1, length]) };
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

/** Picture t of the made clip, as the network takes it: waves, and a disc that wanders to the right; 3 x side x side. */
export function pixelsOf(side: number, t: number): Float32Array {
	const tint = [0.5, -0.4, 0.2];
	return Float32Array.from(unit(`sam3.image.${t}`, 3 * side * side), (grain, i) => {
		const [c, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
		const waves = 0.6 * Math.sin((x + 5 * t) / 29 + c) + 0.3 * Math.cos((y - 3 * t) / 17 - c);
		const inside = Math.hypot(x - 0.45 * side - 4 * t, y - 0.5 * side) < 0.18 * side;
		return Math.min(1, Math.max(-1, waves + (inside ? tint[c]! : 0) + 0.05 * grain));
	});
}
