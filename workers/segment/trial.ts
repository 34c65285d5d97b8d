import { Tensor } from 'onnxruntime-common';
import { encodeSelfContained } from '../../models/onnx/encode.ts';
import { Graph, type Value } from '../../models/onnx/graph.ts';
import { matmulInBlocks, mean } from '../../models/onnx/operators/index.ts';
import type { WebRuntime } from '../../models/runtime.web.ts';
import type { Sam3Config } from '../../models/sam3/config.ts';
import { encodingFlops } from '../../models/sam3/input-sizes.ts';

/** Columns of a matrix that share a scale. */
const BLOCK = 32;
/** How much wider a layer is inside. */
const WIDER = 4;
const ROUNDS = 4;
/** A graphics card is not filled by less; WebAssembly is busy long enough with that. */
const ROWS = { webgpu: 1296, wasm: 128 } as const;
/** What the rest of the encoder takes, beside its layers. */
const REST = 1.25;

/**
 * Tells from a moment of multiplying 4-bit matrices, before any weights are loaded, about how long SAM 3's vision encoder takes.
 * @returns milliseconds at an input size
 */
export async function estimateEncoding(
	runtime: Pick<WebRuntime, 'provider' | 'open'>,
	config: Sam3Config
): Promise<(size: number) => number> {
	const width = config.detector_config.vision_config.backbone_config.hidden_size;
	const rows = ROWS[runtime.provider];
	const network = await runtime.open(trialModel(rows, width));
	try {
		const feeds = { x: new Tensor('float32', new Float32Array(rows * width).fill(1), [rows, width]) };
		const run = async () => {
			const { y } = await network.run(feeds);
			await y!.getData(true);
		};
		// The first run compiles.
		await run();
		const start = performance.now();
		await run();
		const perFlop = (performance.now() - start) / (ROUNDS * 2 * rows * width * WIDER * width);
		return (size) => REST * perFlop * encodingFlops(config, size);
	} finally {
		await network.release();
	}
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
	return encodeSelfContained(graph.define());
}
