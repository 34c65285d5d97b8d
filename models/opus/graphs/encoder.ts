import { Graph } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import { concat } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { MarianBuild } from '../build.ts';
import { embed } from '../network/embedding.ts';
import { feedForward, lookUp, settled } from '../network/layer.ts';

/**
 * What a text means: ids int64 [1, S] and their places int64 [1, S] to source [2·L, S, C], the keys and values by which each of the decoder's L
 * layers looks at it.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildEncoder(build: MarianBuild): GraphDefinition {
	const { weights, config } = build;
	const graph = new Graph({ name: 'marian-encoder', weights });
	const model = graph.scope().in('model');
	const ids = graph.input('ids', 'int64', [1, 'S']);
	const places = graph.input('places', 'int64', [1, 'S']);
	let x = embed(model, ids, places, build);
	for (let i = 0; i < config.encoder_layers; i++) {
		const layer = model.in('encoder.layers').in(i);
		const attention = layer.in('self_attn');
		const [keys, values] = [linear(attention.in('k_proj'), x), linear(attention.in('v_proj'), x)];
		const seen = lookUp(attention, x, keys, values, config.encoder_attention_heads);
		x = feedForward(layer, settled(layer, 'self_attn_layer_norm', x, seen));
	}
	const source = Array.from({ length: config.decoder_layers }, (_, i) => {
		const attention = model.in('decoder.layers').in(i).in('encoder_attn');
		return [linear(attention.in('k_proj'), x), linear(attention.in('v_proj'), x)];
	});
	graph.output('source', concat(source.flat(), 0));
	return graph.define();
}
