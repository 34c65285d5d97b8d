import { Graph, type Scope, type Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import {
	concat,
	gather,
	gemm,
	logSoftmax,
	reshape,
	slice,
	split,
	squeeze,
	topK,
	unsqueeze
} from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { MarianBuild } from '../build.ts';
import { embed } from '../network/embedding.ts';
import { feedForward, lookUp, settled } from '../network/layer.ts';

/**
 * One step of several hypotheses of a translation: what may come next.
 *
 * In: tokens int64 [B], the last one of each; place int64 [1], the same for all; parents int64 [B], which of the step before each goes on from;
 * past [2·L, P, T, C], the keys and values of those, as `present` of the step before (T = 0 at first); source [2·L, S, C], the encoder's.
 *
 * Out: next int64 [B, K] and logProbabilities [B, K], the most probable tokens, best first; present [2·L, B, T + 1, C].
 * @param candidates K
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildDecoder(build: MarianBuild, candidates: number): GraphDefinition {
	const { weights, config } = build;
	const channels = config.d_model;
	const parts = 2 * config.decoder_layers;
	const graph = new Graph({ name: 'marian-decoder', weights });
	const net = graph.scope();
	const tokens = graph.input('tokens', 'int64', ['B']);
	const place = graph.input('place', 'int64', [1]);
	const parents = graph.input('parents', 'int64', ['B']);
	const past = graph.input('past', 'float32', [parts, 'P', 'T', channels]);
	const source = graph.input('source', 'float32', [parts, 'S', channels]);

	const before = split(gather(past, parents, 1), 0, Array<number>(parts).fill(1));
	const keysAndValues = split(source, 0, Array<number>(parts).fill(1));
	const present: Value[] = [];
	let x = unsqueeze(embed(net.in('model'), tokens, place, build), 1);
	for (let i = 0; i < config.decoder_layers; i++) {
		const layer = net.in('model.decoder.layers').in(i);
		const own = layer.in('self_attn');
		const [keys, values] = (['k_proj', 'v_proj'] as const).map((name, part) =>
			concat([squeeze(before[2 * i + part]!, 0), linear(own.in(name), x)], 1)
		) as [Value, Value];
		present.push(unsqueeze(keys, 0), unsqueeze(values, 0));
		x = settled(
			layer,
			'self_attn_layer_norm',
			x,
			lookUp(own, x, keys, values, config.decoder_attention_heads)
		);
		x = settled(
			layer,
			'encoder_attn_layer_norm',
			x,
			lookAtSource(layer, x, keysAndValues.slice(2 * i), build)
		);
		x = feedForward(layer, x);
	}
	const [logProbabilities, next] = topK(logProbabilitiesOf(net, squeeze(x, 1), build), candidates);
	graph.output('next', next);
	graph.output('logProbabilities', logProbabilities);
	graph.output('present', concat(present, 0));
	return graph.define();
}

/** The source is the same for all hypotheses, so that these are queries of one batch: [B, 1, C] as [1, B, C]. */
function lookAtSource(
	layer: Scope,
	x: Value,
	[keys, values]: readonly Value[],
	{ config }: MarianBuild
): Value {
	const queries = reshape(x, [1, 'B', config.d_model]);
	const found = lookUp(layer.in('encoder_attn'), queries, keys!, values!, config.decoder_attention_heads);
	return reshape(found, ['B', 1, config.d_model]);
}

/** Of every token but the last one of the vocabulary, which is padding and never said: [B, C] to [B, V - 1]. */
function logProbabilitiesOf(net: Scope, x: Value, { config }: MarianBuild): Value {
	const table = net.weight('model.shared.weight');
	const bias = net.weight('final_logits_bias', [1, config.vocab_size]);
	return logSoftmax(slice(gemm(x, table, bias, { transB: true }), 1, 0, config.pad_token_id));
}
