import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm } from '../../onnx/layers.ts';
import { transpose } from '../../onnx/operators/index.ts';

/** Layer normalisation over the channels of each place of a map [B, C, h, w]. */
export const channelNorm = module((net: Scope, map: Value, epsilon: number): Value =>
	transpose(layerNorm(net, transpose(map, [0, 2, 3, 1]), epsilon), [0, 3, 1, 2])
);
