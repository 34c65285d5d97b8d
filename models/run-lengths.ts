import { requireSize, type RunLengthMask } from './mask.ts';

/** Whether a mask shows the target at a pixel; false outside of it. */
export function holdsPixel({ width, height, counts }: RunLengthMask, x: number, y: number): boolean {
	const [column, row] = [Math.floor(x), Math.floor(y)];
	if (column < 0 || row < 0 || column >= width || row >= height) return false;
	const wanted = row * width + column;
	let end = 0;
	for (let i = 0; i < counts.length; i++) {
		end += counts[i]!;
		if (wanted < end) return i % 2 === 1;
	}
	return false;
}

/**
 * What at least one of the masks shows.
 * @param masks of one size, at least one
 * @throws CodedError `mask-size` when their sizes differ
 */
export function uniteMasks(masks: readonly RunLengthMask[]): RunLengthMask {
	const [first, second] = masks;
	if (!first) throw new RangeError('no masks');
	if (!second) return first;
	if (masks.length === 2) return uniteTwo(first, second);
	const half = masks.length >> 1;
	return uniteTwo(uniteMasks(masks.slice(0, half)), uniteMasks(masks.slice(half)));
}

function uniteTwo(a: RunLengthMask, b: RunLengthMask): RunLengthMask {
	const { width, height } = a;
	const counts: number[] = [];
	let begun = 0;
	let shown = false;
	forEachChange(a, b, (position, inA, inB) => {
		if ((inA || inB) === shown) return;
		counts.push(position - begun);
		begun = position;
		shown = !shown;
	});
	counts.push(width * height - begun);
	return { width, height, counts };
}

/** Pixels that two masks of one size both show. @throws CodedError `mask-size` */
export function sharedArea(a: RunLengthMask, b: RunLengthMask): number {
	let shared = 0;
	let begun = 0;
	let both = false;
	forEachChange(a, b, (position, inA, inB) => {
		if (both) shared += position - begun;
		begun = position;
		both = inA && inB;
	});
	return both ? shared + a.width * a.height - begun : shared;
}

/** Calls at every pixel from which on one of the masks, or both, shows something else than before. */
function forEachChange(
	a: RunLengthMask,
	b: RunLengthMask,
	visit: (position: number, inA: boolean, inB: boolean) => void
): void {
	requireSize(a, b);
	const end = a.width * a.height;
	let [i, j] = [0, 0];
	let [edgeA, edgeB] = [a.counts[0] ?? end, b.counts[0] ?? end];
	for (;;) {
		const position = Math.min(edgeA, edgeB);
		if (position >= end) return;
		while (edgeA === position) edgeA += a.counts[++i] ?? end;
		while (edgeB === position) edgeB += b.counts[++j] ?? end;
		visit(position, i % 2 === 1, j % 2 === 1);
	}
}
