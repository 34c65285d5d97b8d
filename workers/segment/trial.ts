import { Tensor } from 'onnxruntime-common';
import { encodeModel } from '../../models/onnx/encode.ts';
import { Graph, type Value } from '../../models/onnx/graph.ts';
import { matmulInBlocks, mean } from '../../models/onnx/operators/index.ts';
import type { WebRuntime } from '../../models/runtime.web.ts';
import type { Sam3Config } from '../../models/sam3/config.ts';

/** Columns of a matrix that share a scale. */
const BLOCK = 32;
/** How much wider a layer is inside. */
const WIDER = 4;
const ROUNDS = 4;
/** What the rest of the encoder takes, beside its layers. */
const REST = 1.25;

/**
 * Tells from a second of multiplying 4-bit matrices, before any weights are loaded, about how long SAM 3's vision encoder takes.
 * @param size of its input, in pixels
 * @returns milliseconds
 */
export async function estimateEncoding(
	runtime: Pick<WebRuntime, 'provider' | 'open'>,
	config: Sam3Config,
	size: number
): Promise<number> {
	const { hidden_size, patch_size } = config.detector_config.vision_config.backbone_config;
	// A graphics card is not filled by less; WebAssembly is busy long enough with that.
	const rows = runtime.provider === 'webgpu' ? (size / patch_size) ** 2 : 128;
	const network = await runtime.open(trialModel(rows, hidden_size));
	try {
		const feeds = {
			x: new Tensor('float32', new Float32Array(rows * hidden_size).fill(1), [rows, hidden_size])
		};
		const run = async () => {
			const { y } = await network.run(feeds);
			await y!.getData(true);
		};
		await run();
		const start = performance.now();
		await run();
		const milliseconds = performance.now() - start;
		const computed = ROUNDS * rows * hidden_size * WIDER * hidden_size;
		return REST * milliseconds * (encoderProducts(config, size) / computed);
	} finally {
		await network.release();
	}
}

/**
 * Multiplications of the vision encoder's layers: 12 d² for each token (four projections of attention, two of the MLP), and attention's own,
 * 2 d for each token that another one looks at.
 */
function encoderProducts({ detector_config }: Sam3Config, size: number): number {
	const { hidden_size: width, ...backbone } = detector_config.vision_config.backbone_config;
	const tokens = (size / backbone.patch_size) ** 2;
	const whole = backbone.global_attn_indexes.length;
	const windows = backbone.num_hidden_layers - whole;
	const seen = windows * Math.min(tokens, backbone.window_size ** 2) + whole * tokens;
	return tokens * (backbone.num_hidden_layers * 12 * width ** 2 + 2 * width * seen);
}

/** Widens and narrows rows of numbers, round after round, by the same two matrices; answers with one number, so that nothing is fetched. */
function trialModel(rows: number, width: number): Uint8Array {
	const graph = new Graph({ name: 'trial', weights: new Map() });
	const matrix = (outputs: number, inputs: number): [codes: Value, scales: Value] => {
		const blocks = Math.ceil(inputs / BLOCK);
		const codes = new Uint8Array((outputs * blocks * BLOCK) / 2).fill(0x79);
		const scales = new Float32Array(outputs * blocks).fill(1 / inputs);
		return [
			graph.constant(codes, [outputs, blocks, BLOCK / 2], 'uint8'),
			graph.constant(scales, [outputs, blocks])
		];
	};
	const [widen, narrow] = [matrix(WIDER * width, width), matrix(width, WIDER * width)];
	let x = graph.input('x', 'float32', [rows, width]);
	for (let round = 0; round < ROUNDS; round += 2)
		x = matmulInBlocks(matmulInBlocks(x, ...widen, BLOCK), ...narrow, BLOCK);
	graph.output('y', mean(x, [0, 1]));
	return encodeModel(graph.define(), () => {
		throw new Error('the trial carries its own weights');
	});
}
