import { attend } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';
import type { Windows } from './windows.ts';

export interface AttentionOptions {
	readonly heads: number;
	/**
	 * Added to the scores, broadcast to [B, heads, Q, K]. Scores are laid out in memory then; without a mask they never are where the
	 * provider knows how.
	 */
	readonly mask?: Value;
	/** Where each query sees the keys of its window only. */
	readonly windows?: Pick<Windows, 'cut' | 'join'>;
	/** Changes queries [B, Q, heads · d] and keys [B, K, heads · d] after their projection, for example by their places. */
	readonly place?: (q: Value, k: Value) => readonly [q: Value, k: Value];
}

export interface AttentionInputs {
	/** [B, Q, C] */
	readonly query: Value;
	/** [B, K, D] */
	readonly key: Value;
	/** [B, K, D] */
	readonly value: Value;
}

/**
 * Attention with several heads (Vaswani et al., 2017), projected by `q_proj`, `k_proj`, `v_proj` and `o_proj` (CLIP: `out_proj`).
 * @returns [B, Q, C]
 */
export const attention = module(
	(
		net: Scope,
		{ query, key, value }: AttentionInputs,
		{ heads, mask, windows, place = (q, k) => [q, k] }: AttentionOptions,
		build: Pick<Sam3Build, 'blockSize' | 'provider' | 'scoreBytes'>
	): Value => {
		// What lies outside of the map is zero before the projection, and so its bias after it: it need not be projected.
		const project = (part: Scope, x: Value) => {
			const projected = dense(part, x, build);
			return windows ? windows.cut(projected, part.weight('bias')) : projected;
		};
		const [q, k] = place(project(net.in('q_proj'), query), project(net.in('k_proj'), key));
		const seen = attend(q, k, project(net.in('v_proj'), value), heads, { mask }, build);
		const read = windows ? windows.join(seen) : seen;
		return dense(net.in(net.has('o_proj.weight') ? 'o_proj' : 'out_proj'), read, build);
	}
);
