import { emptyPlane, sameSize, type Alpha, type Frame } from '../frame.ts';

/** Colour change, summed over the three channels, at which a pixel counts half as still. */
const STILL = 12;
/** How much of the alpha before a still pixel keeps. */
const KEEP = 0.6;
/** A change of alpha by more than this is no flicker: the mask itself has changed, as at a keyframe. */
const FLICKER = 128;

/** Takes the flicker from alphas: where the picture stands still, alpha may change only slowly; where it moves, nothing is kept. */
export class Steadier {
	private before: { readonly frame: Frame; readonly alpha: Alpha } | undefined;

	/** The next frame's alpha, steadied. */
	steady(frame: Frame, alpha: Alpha): Alpha {
		const { before } = this;
		const steady = { ...alpha, data: alpha.data.slice() };
		this.before = { frame, alpha: steady };
		if (!before || !sameSize(before.frame, frame)) return steady;
		const now = frame.data;
		const then = before.frame.data;
		const kept = before.alpha.data;
		const { data } = steady;
		for (let i = 0, c = 0; i < data.length; i++, c += 4) {
			const change = kept[i]! - data[i]!;
			if (change === 0 || Math.abs(change) > FLICKER) continue;
			const moved =
				Math.abs(now[c]! - then[c]!) +
				Math.abs(now[c + 1]! - then[c + 1]!) +
				Math.abs(now[c + 2]! - then[c + 2]!);
			const still = 1 / (1 + (moved / STILL) ** 4);
			data[i] = Math.round(data[i]! + KEEP * still * change);
		}
		return steady;
	}

	/** Starts anew, for a frame without the target: its alpha is 0. */
	forget(frame: Frame): Alpha {
		this.before = undefined;
		return emptyPlane(frame);
	}
}
