import { attend, type AttentionRoom } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import { flatten, reshape, transpose } from '../../onnx/operators/index.ts';
import { groupNorm } from './group-norm.ts';
import { addTo } from './stream.ts';

/**
 * Attention among the places of each picture, by one head of all channels.
 * @param x [N, C, H, W]
 */
export const imageAttention = module((net: Scope, x: Value, room: AttentionRoom): Value => {
	const tokens = transpose(flatten(groupNorm(net.in('group_norm'), x, 1e-6), 2, 3), [0, 2, 1]);
	const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((name) => linear(net.in(name), tokens)) as [
		Value,
		Value,
		Value
	];
	const read = linear(net.in('to_out.0'), attend(q, k, v, 1, {}, room));
	return addTo(x, reshape(transpose(read, [0, 2, 1]), x.shape));
});
