import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { reshape, slice } from '../../onnx/operators/index.ts';
import { embed, embedNow, embeddingTensors, wavesOf } from './embedding.ts';

/** Frames that embeddings are written for at least: the same weights serve every window up to it. */
const FRAMES = 32;

/**
 * Embeddings of the frames' places in their window: [T, 1, C].
 * @param folded computed when the weights are written
 */
export const framePlaces = module((net: Scope, frames: number, folded: boolean): Value => {
	const [channels, inputs] = [net.shapeOf('linear_2.weight')[0]!, net.shapeOf('linear_1.weight')[1]!];
	const waves = (count: number) =>
		wavesOf(
			Array.from({ length: count }, (_, frame) => frame),
			inputs
		);
	if (!folded) {
		return reshape(embed(net, net.constant(waves(frames), [frames, inputs])), [frames, 1, channels]);
	}
	const count = Math.max(FRAMES, 2 ** Math.ceil(Math.log2(frames)));
	const all = net.derived(embeddingTensors, `places of ${count}`, [count, 1, channels], (tensors) => {
		const inputsOf = waves(count);
		const rows = new Float32Array(count * channels);
		for (let frame = 0; frame < count; frame++) {
			rows.set(embedNow(inputsOf.subarray(frame * inputs, (frame + 1) * inputs), tensors), frame * channels);
		}
		return rows;
	});
	return slice(all, 0, 0, frames);
});
