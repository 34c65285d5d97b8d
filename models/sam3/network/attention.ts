import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { multiHeadAttention } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';

export interface AttentionOptions {
	readonly heads: number;
	/**
	 * Added to the scores, broadcast to [B, heads, Q, K]. Scores are laid out in memory then; without a mask they never are where the
	 * provider knows how.
	 */
	readonly mask?: Value;
	/** Changes queries [B, Q, heads · d] and keys [B, K, heads · d] after their projection, for example by their places. */
	readonly place?: (q: Value, k: Value) => readonly [q: Value, k: Value];
}

/**
 * Attention with several heads (Vaswani et al., 2017), projected by `q_proj`, `k_proj`, `v_proj` and `o_proj` (CLIP: `out_proj`).
 * @param query [B, Q, C]
 * @param key [B, K, D]
 * @param value [B, K, D]
 * @returns [B, Q, C]
 */
export const attention = module(
	(
		net: Scope,
		{ query, key, value }: { readonly query: Value; readonly key: Value; readonly value: Value },
		{ heads, mask, place = (q, k) => [q, k] }: AttentionOptions,
		build: Pick<Sam3Build, 'blockSize' | 'provider'>
	): Value => {
		const [q, k] = place(dense(net.in('q_proj'), query, build), dense(net.in('k_proj'), key, build));
		const v = dense(net.in('v_proj'), value, build);
		const read = multiHeadAttention(q, k, v, heads, { mask });
		return dense(net.in(net.has('o_proj.weight') ? 'o_proj' : 'out_proj'), read, build);
	}
);
