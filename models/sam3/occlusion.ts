import { iou, type Region } from './regions.ts';

/**
 * Remembers when each object was last out of sight. Where two objects lie on each other, one has most likely slipped onto the other
 * when it came back: the one that was away most recently, if both ever were (`_suppress_overlapping_based_on_recent_occlusion` of
 * facebookresearch/sam3 and huggingface/transformers, models/sam3_video; there, backward in time, one that was never away loses too).
 */
export class Occlusions {
	readonly #iouThreshold: number;
	/** The frame on which each object was last out of sight; only of those that ever were. */
	readonly #lastAway = new Map<number, number>();

	/** @param iouThreshold from which on two objects lie on each other; 0 to let them */
	constructor(iouThreshold: number) {
		this.#iouThreshold = iouThreshold;
	}

	/**
	 * @param tracks the objects' masks on this frame
	 * @param reverse whether frames come newest first
	 * @returns the ids of the objects that count as out of sight from now on
	 */
	suppress(
		frame: number,
		tracks: readonly { readonly id: number; readonly region: Region }[],
		reverse: boolean
	): Set<number> {
		const suppressed = new Set<number>();
		if (this.#iouThreshold <= 0) return suppressed;
		for (const [index, a] of tracks.entries()) {
			for (const b of tracks.slice(index + 1)) {
				const [awayA, awayB] = [this.#lastAway.get(a.id), this.#lastAway.get(b.id)];
				if (awayA === undefined || awayB === undefined || awayA === awayB) continue;
				if (iou(a.region, b.region) < this.#iouThreshold) continue;
				suppressed.add(awayA > awayB !== reverse ? a.id : b.id);
			}
		}
		for (const { id, region } of tracks) {
			if (region.area === 0 || suppressed.has(id)) this.#lastAway.set(id, frame);
		}
		return suppressed;
	}

	/** Forgets an object that is followed no longer. */
	forget(id: number): void {
		this.#lastAway.delete(id);
	}
}
