import type { Value } from './graph.ts';
import {
	add,
	concat,
	matmul,
	multiHeadAttention,
	multiply,
	reshape,
	slice,
	softmax,
	transpose
} from './operators/index.ts';
import { dtypeBytes } from './types.ts';

export interface AttendOptions {
	/** Added to the scores, broadcast to [B, heads, Q, K]. */
	readonly mask?: Value;
	/** Of the scores; one over the root of a head's channels when left out. */
	readonly scale?: number;
}

/** How attention is written. */
export interface AttentionRoom {
	/**
	 * Bytes that the scores may be laid out in: some queries at a time are taken then, in plain operators. Left out where one operator does
	 * it all, without laying them out.
	 */
	readonly scoreBytes?: number;
}

/**
 * softmax(q · kᵀ · scale + mask) · v for every head, in the way that the build asks for.
 * @param q [B, Q, heads · d]
 * @param k [B, K, heads · d]
 * @param v [B, K, heads · e]
 * @returns [B, Q, heads · e]
 */
export function attend(
	q: Value,
	k: Value,
	v: Value,
	heads: number,
	{ mask, scale }: AttendOptions,
	{ scoreBytes }: AttentionRoom
): Value {
	if (scoreBytes === undefined) return multiHeadAttention(q, k, v, heads, { mask, scale });
	const [batch, queries] = q.shape as [number | string, number | string];
	const headsOf = (x: Value) => reshape(x, [...x.shape.slice(0, 2), heads, (x.shape[2] as number) / heads]);
	const factor = scale ?? ((q.shape[2] as number) / heads) ** -0.5;
	const asked = transpose(headsOf(multiply(q, factor)), [0, 2, 1, 3]);
	const keys = transpose(headsOf(k), [0, 2, 3, 1]);
	const values = transpose(headsOf(v), [0, 2, 1, 3]);
	const see = (asked: Value, mask?: Value) => {
		const scores = matmul(asked, keys);
		return matmul(softmax(mask ? add(scores, mask) : scores), values);
	};
	// What is open is small: prompts, and objects one by one.
	const known = [batch, heads, k.shape[1]!].reduce<number>(
		(product, size) => product * (typeof size === 'number' ? size : 1),
		dtypeBytes[q.dtype]
	);
	const rows = Math.max(1, Math.floor(scoreBytes / known));
	const parts: Value[] = [];
	for (let from = 0; typeof queries === 'number' && queries > rows && from < queries; from += rows) {
		const part = (x: Value) => slice(x, 2, from, Math.min(from + rows, queries));
		parts.push(see(part(asked), mask?.shape[2] === queries ? part(mask) : mask));
	}
	const seen = parts.length > 0 ? concat(parts, 2) : see(asked, mask);
	return reshape(transpose(seen, [0, 2, 1, 3]), [batch, queries, v.shape[2]!]);
}
