import type { Size } from '../frame.ts';

/** Unaries of this size or more are orders: such a pixel is not part of the graph. */
export const HARD = 1000;

/** Weights between each pixel and its neighbours to the right, lower left, below and lower right, one plane after the other. */
export type PairWeights = Float32Array;

/** exp(-x) in steps of 1/64, up to where nothing is left. */
const FALL_STEPS = 64;
const FALL = Float32Array.from({ length: 10 * FALL_STEPS }, (_, i) => Math.exp(-i / FALL_STEPS));
const SCALE = 1024;
const TERMINAL = 8;
const ORPHAN = 9;
const NONE = 10;
const SOURCE = 1;
const SINK = 2;

/**
 * Contrast-sensitive weights of an 8-neighbour grid: `strength · exp(-β·d²) / distance`, where d is the colour difference of the two
 * pixels and β is 1 over twice its mean square (Boykov and Jolly 2001; Rother et al., GrabCut, 2004).
 * @param lab 3 bytes for each pixel
 */
export function pairWeights({ width, height }: Size, lab: Uint8Array, strength: number): PairWeights {
	const count = width * height;
	const weights = new Float32Array(4 * count);
	const steps = [
		[1, 0],
		[-1, 1],
		[0, 1],
		[1, 1]
	] as const;
	let sum = 0;
	let pairs = 0;
	for (const [plane, [dx, dy]] of steps.entries()) {
		const offset = 3 * (dy * width + dx);
		for (let y = 0; y < height - dy; y++) {
			for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
				const pixel = y * width + x;
				const i = 3 * pixel;
				const l = lab[i]! - lab[i + offset]!;
				const a = lab[i + 1]! - lab[i + 1 + offset]!;
				const b = lab[i + 2]! - lab[i + 2 + offset]!;
				const square = l * l + a * a + b * b;
				weights[plane * count + pixel] = square + 1e-6;
				sum += square;
				pairs++;
			}
		}
	}
	const beta = pairs / (2 * sum + pairs * 1e-3);
	for (let plane = 0; plane < 4; plane++) {
		const factor = plane === 1 || plane === 3 ? strength / Math.SQRT2 : strength;
		for (let i = plane * count; i < (plane + 1) * count; i++) {
			const square = weights[i]!;
			if (square > 0)
				weights[i] = factor * FALL[Math.min(FALL.length - 1, (beta * square * FALL_STEPS) | 0)]!;
		}
	}
	return weights;
}

/**
 * The labels (1 target, 0 not) with the least sum of `-unary` over the target's pixels and pair weights over the cut pairs, found by the
 * max-flow algorithm of Boykov and Kolmogorov (2004) on an 8-neighbour grid.
 * @param unary log odds of being the target, for each pixel; `±HARD` fixes its label
 */
export function graphCut({ width, height }: Size, unary: Float32Array, pairs: PairWeights): Uint8Array {
	const count = width * height;
	// A frame of pixels without capacity around the grid spares every test of the bounds.
	const stride = width + 2;
	const n = stride * (height + 2);
	// Direction d and 7 - d are opposite.
	const offsets = Int32Array.of(-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1);
	const capacity = new Int32Array(8 * n);
	const terminal = new Int32Array(n);
	const tree = new Uint8Array(n);
	const parent = new Uint8Array(n).fill(NONE);
	const stamp = new Int32Array(n);
	const depth = new Int32Array(n);
	const queue = new Int32Array(n);
	const queued = new Uint8Array(n);
	const orphans = new Int32Array(n);
	let queueHead = 0;
	let queueLength = 0;
	let orphanHead = 0;
	let orphanCount = 0;

	const activate = (node: number) => {
		if (queued[node]) return;
		queued[node] = 1;
		let slot = queueHead + queueLength++;
		if (slot >= n) slot -= n;
		queue[slot] = node;
	};
	const makeOrphan = (node: number) => {
		parent[node] = ORPHAN;
		let slot = orphanHead + orphanCount++;
		if (slot >= n) slot -= n;
		orphans[slot] = node;
	};

	for (let y = 0, pixel = 0; y < height; y++) {
		for (let x = 0; x < width; x++, pixel++) {
			const node = (y + 1) * stride + x + 1;
			const own = unary[pixel]!;
			const fixed = Math.abs(own) >= HARD;
			if (!fixed) terminal[node]! += Math.round(own * SCALE);
			for (let plane = 0; plane < 4; plane++) {
				const weight = Math.round(pairs[plane * count + pixel]! * SCALE);
				if (weight === 0) continue;
				const other = pixel + (plane === 0 ? 1 : width + plane - 2);
				const direction = 4 + plane;
				const otherNode = node + offsets[direction]!;
				const otherFixed = Math.abs(unary[other]!) >= HARD;
				if (fixed && !otherFixed) terminal[otherNode]! += own > 0 ? weight : -weight;
				else if (!fixed && otherFixed) terminal[node]! += unary[other]! > 0 ? weight : -weight;
				else if (!fixed) {
					capacity[direction * n + node] = weight;
					capacity[(7 - direction) * n + otherNode] = weight;
				}
			}
		}
	}
	for (let node = 0; node < n; node++) {
		if (terminal[node] === 0) continue;
		tree[node] = terminal[node]! > 0 ? SOURCE : SINK;
		parent[node] = TERMINAL;
		depth[node] = 1;
		activate(node);
	}

	let time = 0;
	let current = -1;
	for (;;) {
		if (current < 0 || tree[current] === 0) {
			if (queueLength === 0) break;
			current = queue[queueHead]!;
			queueHead = queueHead + 1 === n ? 0 : queueHead + 1;
			queueLength--;
			queued[current] = 0;
			if (tree[current] === 0) continue;
		}

		// Grow the tree of `current` until it meets the other one.
		const own = tree[current]!;
		let meeting = -1;
		for (let d = 0; d < 8; d++) {
			const next = current + offsets[d]!;
			const residual = own === SOURCE ? capacity[d * n + current]! : capacity[(7 - d) * n + next]!;
			if (residual === 0) continue;
			const label = tree[next]!;
			if (label === 0) {
				tree[next] = own;
				parent[next] = 7 - d;
				stamp[next] = stamp[current]!;
				depth[next] = depth[current]! + 1;
				activate(next);
			} else if (label !== own) {
				meeting = d;
				break;
			} else if (
				stamp[next]! <= stamp[current]! &&
				depth[next]! > depth[current]! &&
				parent[next]! < TERMINAL
			) {
				parent[next] = 7 - d;
				stamp[next] = stamp[current]!;
				depth[next] = depth[current]! + 1;
			}
		}
		time++;
		if (meeting < 0) {
			current = -1;
			continue;
		}

		// Send as much as the path from source to sink can take.
		const direction = own === SOURCE ? meeting : 7 - meeting;
		const sourceEnd = own === SOURCE ? current : current + offsets[meeting]!;
		const sinkEnd = sourceEnd + offsets[direction]!;
		let amount = capacity[direction * n + sourceEnd]!;
		let node = sourceEnd;
		for (; parent[node] !== TERMINAL; node += offsets[parent[node]!]!) {
			const up = parent[node]!;
			amount = Math.min(amount, capacity[(7 - up) * n + node + offsets[up]!]!);
		}
		amount = Math.min(amount, terminal[node]!);
		node = sinkEnd;
		for (; parent[node] !== TERMINAL; node += offsets[parent[node]!]!) {
			amount = Math.min(amount, capacity[parent[node]! * n + node]!);
		}
		amount = Math.min(amount, -terminal[node]!);

		capacity[direction * n + sourceEnd]! -= amount;
		capacity[(7 - direction) * n + sinkEnd]! += amount;
		for (node = sourceEnd; parent[node] !== TERMINAL;) {
			const up = parent[node]!;
			const above = node + offsets[up]!;
			capacity[up * n + node]! += amount;
			if ((capacity[(7 - up) * n + above]! -= amount) === 0) makeOrphan(node);
			node = above;
		}
		if ((terminal[node]! -= amount) === 0) makeOrphan(node);
		for (node = sinkEnd; parent[node] !== TERMINAL;) {
			const up = parent[node]!;
			const above = node + offsets[up]!;
			capacity[(7 - up) * n + above]! += amount;
			if ((capacity[up * n + node]! -= amount) === 0) makeOrphan(node);
			node = above;
		}
		if ((terminal[node]! += amount) === 0) makeOrphan(node);

		// Find new parents for the nodes that lost theirs, or set them free.
		while (orphanCount > 0) {
			const orphan = orphans[orphanHead]!;
			orphanHead = orphanHead + 1 === n ? 0 : orphanHead + 1;
			orphanCount--;
			const side = tree[orphan]!;
			let best = NONE;
			let bestDepth = Infinity;
			for (let d = 0; d < 8; d++) {
				const next = orphan + offsets[d]!;
				const residual = side === SOURCE ? capacity[(7 - d) * n + next]! : capacity[d * n + orphan]!;
				if (residual === 0 || tree[next] !== side || parent[next]! >= ORPHAN) continue;
				let length = 0;
				for (let above = next; ; above += offsets[parent[above]!]!) {
					if (stamp[above] === time) {
						length += depth[above]!;
						break;
					}
					length++;
					if (parent[above] === TERMINAL) {
						stamp[above] = time;
						depth[above] = 1;
						break;
					}
					if (parent[above]! >= ORPHAN) {
						length = Infinity;
						break;
					}
				}
				if (length === Infinity) continue;
				if (length < bestDepth) {
					best = d;
					bestDepth = length;
				}
				for (let above = next; stamp[above] !== time; above += offsets[parent[above]!]!) {
					stamp[above] = time;
					depth[above] = length--;
				}
			}
			if (best !== NONE) {
				parent[orphan] = best;
				stamp[orphan] = time;
				depth[orphan] = bestDepth + 1;
				continue;
			}
			for (let d = 0; d < 8; d++) {
				const next = orphan + offsets[d]!;
				if (tree[next] !== side) continue;
				const residual = side === SOURCE ? capacity[(7 - d) * n + next]! : capacity[d * n + orphan]!;
				if (residual > 0 && parent[next]! < ORPHAN) activate(next);
				if (parent[next] === 7 - d) makeOrphan(next);
			}
			tree[orphan] = 0;
			parent[orphan] = NONE;
		}
	}

	const labels = new Uint8Array(count);
	for (let y = 0, pixel = 0; y < height; y++) {
		for (let x = 0; x < width; x++, pixel++) {
			const own = unary[pixel]!;
			labels[pixel] =
				Math.abs(own) >= HARD ? Number(own > 0) : Number(tree[(y + 1) * stride + x + 1] === SOURCE);
		}
	}
	return labels;
}
