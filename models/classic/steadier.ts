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

	/** Steadies the next frame's alpha in place. */
	steady(frame: Frame, alpha: Alpha): Alpha {
		const { before } = this;
		this.before = { frame, alpha };
		if (!before || !sameSize(before.frame, frame)) return alpha;
		const kept = before.alpha.data;
		const { data } = alpha;
		// Most of a matte is all target or none of it: four pixels at a time are seen to be as before.
		const quads = data.length >> 2;
		const keptQuads = new Int32Array(kept.buffer, kept.byteOffset, quads);
		const dataQuads = new Int32Array(data.buffer, data.byteOffset, quads);
		for (let quad = 0; quad < quads; quad++) {
			if (keptQuads[quad] !== dataQuads[quad])
				steadyPixels(4 * quad, 4 * quad + 4, frame, data, before.frame, kept);
		}
		steadyPixels(4 * quads, data.length, frame, data, before.frame, kept);
		return alpha;
	}

	/** Starts anew, for a frame without the target: its alpha is 0. */
	forget(frame: Frame): Alpha {
		this.before = undefined;
		return emptyPlane(frame);
	}
}

/** Brings the alphas of the pixels from `start` to `end` closer to what they were, the more so the less the picture moves there. */
function steadyPixels(
	start: number,
	end: number,
	{ data: now }: Frame,
	data: Alpha['data'],
	{ data: then }: Frame,
	kept: Alpha['data']
): void {
	for (let i = start; i < end; i++) {
		const change = kept[i]! - data[i]!;
		if (change === 0 || Math.abs(change) > FLICKER) continue;
		const c = 4 * i;
		const moved =
			Math.abs(now[c]! - then[c]!) +
			Math.abs(now[c + 1]! - then[c + 1]!) +
			Math.abs(now[c + 2]! - then[c + 2]!);
		const still = 1 / (1 + (moved / STILL) ** 4);
		data[i] = Math.round(data[i]! + KEEP * still * change);
	}
}
