import type { Graph, Scope, Value } from '../../onnx/graph.ts';
import { add, gather, multiply } from '../../onnx/operators/index.ts';
import type { MarianBuild } from '../build.ts';
import { mostTokens } from '../tokenizer.ts';

/** Tokens as vectors, each with its place added: ids int64 [..] and their places int64 [..] to [.., C]. Both languages share one table. */
export function embed(model: Scope, ids: Value, places: Value, { config }: MarianBuild): Value {
	const tokens = gather(model.weight('shared.weight', [config.vocab_size, config.d_model]), ids, 0);
	const scaled = config.scale_embedding ? multiply(tokens, Math.sqrt(config.d_model)) : tokens;
	return add(scaled, gather(sinusoids(model.graph, config.d_model), places, 0));
}

/** Places as sines, then cosines, of falling frequency (Vaswani et al., 2017): [places, C]. */
function sinusoids(graph: Graph, channels: number): Value {
	const half = channels / 2;
	const table = new Float32Array(mostTokens * channels);
	for (let place = 0; place < mostTokens; place++) {
		for (let i = 0; i < half; i++) {
			const angle = place / 10_000 ** ((2 * i) / channels);
			table[place * channels + i] = Math.sin(angle);
			table[place * channels + half + i] = Math.cos(angle);
		}
	}
	return graph.constant(table, [mostTokens, channels]);
}
