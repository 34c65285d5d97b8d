import type { Alpha, Frame } from '../frame.ts';

/** Colour change, as the sum over the three channels, at which a pixel counts half as still. */
const STILL = 12;
/** How much of the alpha before a still pixel keeps. */
const KEEP = 0.6;

/** Takes the flicker from alphas: where the picture stands still, alpha may change only slowly; where it moves, nothing is kept. */
export class Steadier {
	private before: { readonly frame: Frame; readonly alpha: Alpha } | undefined;

	/** Steadies the next frame's alpha, in place. */
	steady(frame: Frame, alpha: Alpha): void {
		const { before } = this;
		if (before && before.alpha.data.length === alpha.data.length) {
			const now = frame.data;
			const then = before.frame.data;
			const kept = before.alpha.data;
			const { data } = alpha;
			for (let i = 0, c = 0; i < data.length; i++, c += 4) {
				const change = kept[i]! - data[i]!;
				if (change === 0) continue;
				const d =
					Math.abs(now[c]! - then[c]!) + Math.abs(now[c + 1]! - then[c + 1]!) + Math.abs(now[c + 2]! - then[c + 2]!);
				const still = STILL ** 4 / (STILL ** 4 + d ** 4);
				data[i] = Math.round(data[i]! + KEEP * still * change);
			}
		}
		this.before = { frame, alpha: { ...alpha, data: alpha.data.slice() } };
	}
}
