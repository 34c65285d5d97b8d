import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { add, and, cast, gather, gelu, unsqueeze, where } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { feedForward } from './feed-forward.ts';
import { normalised, residual } from './residual.ts';

/** Added to the score of a token that may not be seen: small enough to leave nothing, large enough for float16. */
const UNSEEN = -1e4;

/**
 * CLIP's text transformer (Radford et al., 2021): every token sees itself and those before it.
 * @param ids int64 [1, L]
 * @param mask bool [1, L]: which tokens are seen at all
 * @returns [1, L, C]
 */
export const textTransformer = module((net: Scope, ids: Value, mask: Value, build: Sam3Build): Value => {
	const { num_hidden_layers, num_attention_heads, layer_norm_eps } = build.config.detector_config.text_config;
	const embeddings = net.in('embeddings');
	// The largest table of all is looked up as browsers keep it.
	const table = build.blockSize === undefined ? embeddings : embeddings.as('float16');
	const tokens = gather(table.weight('token_embedding.weight'), ids, 0);
	const bias = visibility(net, mask);
	const positions = embeddings.weight('position_embedding.weight', tokens.shape.slice(1) as number[]);
	let x = add(cast(tokens, 'float32'), cast(positions, 'float32'));
	for (let i = 0; i < num_hidden_layers; i++) {
		const layer = net.in(`encoder.layers.${i}`);
		let y = normalised(layer.in('layer_norm1'), x, layer_norm_eps);
		const options = { heads: num_attention_heads, mask: bias };
		x = residual(x, attention(layer.in('self_attn'), { query: y, key: y, value: y }, options, build));
		y = normalised(layer.in('layer_norm2'), x, layer_norm_eps);
		x = residual(x, feedForward(layer.in('mlp'), y, gelu, build));
	}
	return normalised(net.in('final_layer_norm'), x, layer_norm_eps);
});

/** What is added to scores so that no token sees a later one, or one that the mask leaves out: [1, 1, L, L]. */
function visibility(net: Scope, mask: Value): Value {
	const length = mask.shape[1] as number;
	const past = Uint8Array.from({ length: length * length }, (_, i) =>
		Number(i % length <= Math.floor(i / length))
	);
	const seen = and(net.graph.constant(past, [1, 1, length, length], 'bool'), unsqueeze(mask, 1, 2));
	return where(seen, net.graph.scalar(0, net.precision), UNSEEN);
}
