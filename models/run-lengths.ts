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
	const [first, ...others] = masks;
	if (!first) throw new RangeError('no masks');
	return others.reduce((united, mask) => uniteTwo(united, mask), first);
}

/** Pixels that two masks of one size both show. @throws CodedError `mask-size` */
export function sharedArea(a: RunLengthMask, b: RunLengthMask): number {
	requireSize(a, b);
	let shared = 0;
	forEachRun(a, b, (length, inA, inB) => {
		if (inA && inB) shared += length;
	});
	return shared;
}

function uniteTwo(a: RunLengthMask, b: RunLengthMask): RunLengthMask {
	requireSize(a, b);
	const counts: number[] = [0];
	let target = false;
	forEachRun(a, b, (length, inA, inB) => {
		const shown = inA || inB;
		if (shown !== target) {
			counts.push(0);
			target = shown;
		}
		counts[counts.length - 1]! += length;
	});
	return { width: a.width, height: a.height, counts };
}

/** Calls for each stretch of pixels along which neither mask changes. */
function forEachRun(
	{ counts: a }: RunLengthMask,
	{ counts: b }: RunLengthMask,
	visit: (length: number, inA: boolean, inB: boolean) => void
): void {
	let [i, j] = [0, 0];
	let [restA, restB] = [a[0] ?? 0, b[0] ?? 0];
	while (i < a.length && j < b.length) {
		const length = Math.min(restA, restB);
		if (length > 0) visit(length, i % 2 === 1, j % 2 === 1);
		restA -= length;
		restB -= length;
		if (restA === 0) restA = a[++i] ?? 0;
		if (restB === 0) restB = b[++j] ?? 0;
	}
}
