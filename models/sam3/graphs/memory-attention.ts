import { Graph } from '../../onnx/graph.ts';
import { add, cast, multiply } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { memoryAttention } from '../network/memory-attention.ts';
import { memoryTokens } from '../network/memory-tokens.ts';
import { sinePositions } from '../network/position-encoding.ts';
import { axialRope } from '../network/rope.ts';
import { mapOf, tokensOf } from '../network/tokens.ts';

/** How many maps and pointers there is room for. */
export interface FixedBank {
	readonly maps: number;
	readonly pointers: number;
}

/** How much of a frame's positions its features get. */
const POSITIONS = 0.1;

/**
 * `Sam3Networks.memoryAttention`: what a frame means to objects, by what is remembered of them.
 * @param bank for a bank of a fixed size, where slots may be empty, but not the first of the maps. Left out, there are as many maps (one
 *   or more) and pointers (none or more) as are given, the same number for each object.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildMemoryAttention(build: Sam3Build, bank?: FixedBank): GraphDefinition {
	const { config, precision } = build;
	const grid = gridOf(config, build.size);
	const channels = config.detector_config.vision_config.fpn_hidden_size;
	const depth = config.tracker_config.memory_encoder_output_channels;
	const graph = new Graph({ name: 'sam3-memory-attention', weights: build.weights });
	const net = graph.scope(precision).in('tracker_model');

	const frame = tokensOf(graph.input('trk_2', 'float32', [1, channels, grid, grid]));
	const [maps, pointers] = bank ? [bank.maps, bank.pointers] : ['M', 'P'];
	const inputs = {
		memory: cast(graph.input('memory', 'float32', ['B', maps, depth, grid, grid]), precision),
		row: graph.input('memory_row', 'int64', ['B', maps]),
		pointers: cast(graph.input('pointers', 'float32', ['B', pointers, channels]), precision),
		age: graph.input('pointer_age', 'float32', ['B', pointers])
	};
	const valid = bank && {
		memory: graph.input('memory_valid', 'bool', ['B', bank.maps]),
		pointers: graph.input('pointer_valid', 'bool', ['B', bank.pointers])
	};

	const positions = multiply(sinePositions(graph, grid, grid, channels), POSITIONS);
	const theta = config.tracker_config.rope_parameters.rope_theta;
	const feature = memoryAttention(
		net.in('memory_attention'),
		add(frame, positions),
		memoryTokens(net, { ...inputs, valid }, build),
		axialRope(net, { side: grid, headSize: channels, theta }),
		build
	);
	graph.output('feature', mapOf(feature, grid));
	return graph.define();
}
