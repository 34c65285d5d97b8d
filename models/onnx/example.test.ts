/** The worked example of docs/networks.md, run as it stands there. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime.node.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { ensurePacked } from '../weights/pack.node.ts';
import { placeWeights } from '../weights/place.ts';
import { writeStandIn } from '../weights/stand-in.ts';
import { writeWhole } from '../weights/write-whole.node.ts';
import { encodeModel } from './encode.ts';
import { Graph, module, type Scope, type Value, type Weights } from './graph.ts';
import { conv, inFloat32 } from './layers.ts';
import { add, relu, softmax } from './operators/index.ts';
import type { FloatType } from './types.ts';

/** x + conv2(relu(conv1(x))), after He et al., 2015. */
const residualBlock = module((net: Scope, x: Value): Value => {
	const y = relu(conv(net.in('conv1'), x, { padding: 1 }));
	return add(x, conv(net.in('conv2'), y, { padding: 1 }));
});

/** image [1, 3, H, W] to a probability for each of its classes, [1, C, H, W]. */
function buildLabeller(weights: Weights, size: { height: number; width: number }, precision: FloatType) {
	const graph = new Graph({ name: 'labeller', weights });
	const net = graph.scope(precision);
	const image = graph.input('image', precision, [1, 3, size.height, size.width]);
	let x = conv(net.in('stem'), image, { padding: 1 });
	for (let i = 0; net.in('blocks').in(i).has('conv1.weight'); i++)
		x = residualBlock(net.in('blocks').in(i), x);
	const [probability] = inFloat32(net, [x], (precise, wide) => [softmax(conv(precise.in('head'), wide!), 1)]);
	graph.output('probability', probability!);
	return graph.define();
}

const shapes = {
	...{ 'stem.weight': [8, 3, 3, 3], 'stem.bias': [8] },
	...{ 'blocks.0.conv1.weight': [8, 8, 3, 3], 'blocks.0.conv1.bias': [8] },
	...{ 'blocks.0.conv2.weight': [8, 8, 3, 3], 'blocks.0.conv2.bias': [8] },
	...{ 'head.weight': [4, 8, 1, 1], 'head.bias': [4] }
};

it.each(['float32', 'float16'] as const)('builds, places, packs and runs in %s', async (precision) => {
	const folder = await mkdtemp(join(tmpdir(), 'splazmatte-network-'));
	try {
		await writeWhole(join(folder, 'model.safetensors'), 0, (write) => writeStandIn(shapes, {}, write));

		const checkpoint = await openCheckpoint(folder);
		const graph = buildLabeller(checkpoint.tensors, { height: 6, width: 5 }, precision);
		const plan = placeWeights([graph], checkpoint);
		await ensurePacked(plan, checkpoint, folder);
		const path = join(folder, 'labeller.onnx');
		await writeFile(path, encodeModel(graph, plan.placementOf));
		const runtime = await createNodeRuntime({ providers: ['cpu'], threads: 1 });
		const network = await runtime.open(path);

		// In float32 every weight stays where it is.
		expect(plan.bytes > 0).toBe(precision === 'float16');
		const image = precision === 'float32' ? new Float32Array(90).fill(0.5) : new Uint16Array(90).fill(0x3800);
		const { probability } = await network.run({ image: new Tensor(precision, image, [1, 3, 6, 5]) });
		expect(probability!.dims).toEqual([1, 4, 6, 5]);
		await network.release();
	} finally {
		await rm(folder, { recursive: true });
	}
});
