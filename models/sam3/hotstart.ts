import type { Association } from './association.ts';
import type { Sam3Config } from './config.ts';

type Thresholds = Pick<
	Sam3Config,
	| 'hotstart_delay'
	| 'hotstart_unmatch_thresh'
	| 'hotstart_dup_thresh'
	| 'suppress_unmatched_only_within_hotstart'
	| 'init_trk_keep_alive'
	| 'max_trk_keep_alive'
	| 'min_trk_keep_alive'
	| 'decrease_trk_keep_alive_for_empty_masklets'
>;

/** What is known of an object's life. */
interface Life {
	readonly firstFrame: number;
	/** Frames on which it was in sight and no detection confirmed it. */
	unmatched: number;
	/** Rises with every match and falls without. */
	keepAlive: number;
	/** It lived to see the direction turn: what was shown of it by then is not taken back. */
	grownUp: boolean;
	/** Frames on which it shared a detection with an object that appeared earlier, by that object's id. */
	readonly shared: Map<number, number>;
}

/**
 * Watches over young objects: one that detections do not confirm, or that doubles an earlier one, goes before anybody has seen it, for
 * output is held back as many frames as an object is young (`_process_hotstart` of facebookresearch/sam3 and huggingface/transformers,
 * models/sam3_video). Where the direction turns, who is left has grown up.
 */
export class Hotstart {
	/** Ids of the objects that were taken away. */
	readonly removed = new Set<number>();
	readonly #thresholds: Thresholds;
	readonly #lives = new Map<number, Life>();
	/** The direction of the last frame. */
	#reverse = false;

	constructor(thresholds: Thresholds) {
		this.#thresholds = thresholds;
	}

	/**
	 * Notes what a frame says about the objects.
	 * @param born ids of the objects that appear on this frame
	 * @param reverse whether frames come newest first
	 * @returns the ids of those to take away for good, and of those not to be shown on it
	 */
	update(frame: number, born: readonly number[], association: Association, reverse: boolean) {
		if (reverse !== this.#reverse) for (const life of this.#lives.values()) life.grownUp = true;
		this.#reverse = reverse;
		this.#count(frame, born, association);
		this.#noteDuplicates(association, reverse);
		const removed = new Set<number>();
		const hidden = new Set<number>();
		for (const [id, life] of this.#lives) {
			if (this.#isYoung(life, frame, reverse) && this.#isDoubtful(life)) removed.add(id);
			else if (this.#isForgotten(life)) hidden.add(id);
		}
		for (const id of removed) {
			this.#lives.delete(id);
			this.removed.add(id);
		}
		return { removed, hidden };
	}

	#count(frame: number, born: readonly number[], { matches, unmatched, empty }: Association): void {
		const limits = this.#thresholds;
		for (const id of born) {
			const keepAlive = limits.init_trk_keep_alive;
			const shared = new Map<number, number>();
			this.#lives.set(id, { firstFrame: frame, unmatched: 0, keepAlive, grownUp: false, shared });
		}
		for (const id of new Set(matches.flat())) {
			const life = this.#lives.get(id)!;
			life.keepAlive = Math.min(limits.max_trk_keep_alive, life.keepAlive + 1);
		}
		const missed = limits.decrease_trk_keep_alive_for_empty_masklets ? [...unmatched, ...empty] : unmatched;
		for (const id of missed) {
			const life = this.#lives.get(id)!;
			life.keepAlive = Math.max(limits.min_trk_keep_alive, life.keepAlive - 1);
		}
		for (const id of unmatched) this.#lives.get(id)!.unmatched++;
	}

	/** Of objects that share a detection, all but the first to appear may be duplicates. */
	#noteDuplicates({ matches }: Association, reverse: boolean): void {
		const age = (id: number) => this.#lives.get(id)!.firstFrame * (reverse ? -1 : 1);
		for (const ids of matches) {
			if (ids.length < 2) continue;
			const first = ids.reduce((oldest, id) => (age(id) < age(oldest) ? id : oldest));
			for (const id of ids) {
				if (id === first) continue;
				const { shared } = this.#lives.get(id)!;
				shared.set(first, (shared.get(first) ?? 0) + 1);
			}
		}
	}

	#isYoung({ firstFrame, grownUp }: Life, frame: number, reverse: boolean): boolean {
		if (grownUp) return false;
		const { hotstart_delay } = this.#thresholds;
		return reverse ? firstFrame < frame + hotstart_delay : firstFrame > frame - hotstart_delay;
	}

	#isDoubtful({ unmatched, shared }: Life): boolean {
		const { hotstart_unmatch_thresh, hotstart_dup_thresh } = this.#thresholds;
		return (
			unmatched >= hotstart_unmatch_thresh ||
			[...shared.values()].some((frames) => frames >= hotstart_dup_thresh)
		);
	}

	#isForgotten({ unmatched, keepAlive }: Life): boolean {
		const { suppress_unmatched_only_within_hotstart } = this.#thresholds;
		return !suppress_unmatched_only_within_hotstart && unmatched > 0 && keepAlive <= 0;
	}
}
