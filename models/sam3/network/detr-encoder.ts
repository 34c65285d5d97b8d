import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { add, relu } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { feedForward } from './feed-forward.ts';
import { normalised, residual } from './residual.ts';

/**
 * Lets the places of the image look at each other and at the prompt (Carion et al., 2020).
 * @param image [1, P, C], float32
 * @param position of each place: [P, C]
 * @param prompt [1, L, C]
 * @returns [1, P, C], float32
 */
export const detrEncoder = module(
	(net: Scope, image: Value, position: Value, prompt: Value, build: Sam3Build): Value => {
		const { num_layers, num_attention_heads: heads } = build.config.detector_config.detr_encoder_config;
		let x = image;
		for (let i = 0; i < num_layers; i++) {
			const layer = net.in(`layers.${i}`);
			let y = normalised(layer.in('layer_norm1'), x);
			const placed = add(y, position);
			const self = { query: placed, key: placed, value: y };
			x = residual(x, attention(layer.in('self_attn'), self, { heads }, build));
			y = normalised(layer.in('layer_norm2'), x);
			const cross = { query: y, key: prompt, value: prompt };
			x = residual(x, attention(layer.in('cross_attn'), cross, { heads }, build));
			y = normalised(layer.in('layer_norm3'), x);
			x = residual(x, feedForward(layer.in('mlp'), y, relu, build));
		}
		return x;
	}
);
