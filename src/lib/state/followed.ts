import { maskArea, type RunLengthMask } from '$models/mask.ts';
import type { WorkerTrackRequest } from '$workers/segment/types.ts';
import type { Answers } from './answers.svelte.ts';
import { marksOf, type Said } from './targets.ts';
import { basisOf, type Basis, type Tracked } from './tracked.svelte.ts';

/** What tracking is asked for, and what came of it. */
export class Followed {
	/** What tracking was asked for with last: the revisions of the marks by target. */
	bases: ReadonlyMap<number, Basis> = new Map();

	constructor(
		private readonly answers: Answers,
		private readonly tracked: Tracked
	) {}

	/** The targets that are on, from every frame on which they are marked, as they are shown there. */
	request(said: Said, range: { readonly from?: number; readonly to?: number }): WorkerTrackRequest {
		const marked = said.targets.filter(({ id, on }) => on && marksOf(said, id).size > 0);
		this.bases = new Map(marked.map(({ id }) => [id, basisOf(marksOf(said, id))]));
		const targets = marked.map(({ id }) => ({ id, keyframes: this.keyframesOf(said, id) }));
		return { targets: targets.filter(({ keyframes }) => keyframes.length > 0), ...range };
	}

	/** What a target can be followed from, in order: the frames on which it is marked and there is something to see of it. */
	keyframesOf(said: Said, id: number): WorkerTrackRequest['targets'][number]['keyframes'] {
		const frames = [...marksOf(said, id).keys()].sort((a, b) => a - b);
		return frames.flatMap((frame) => {
			const mask = this.answers.at(id, frame)?.mask;
			return mask && maskArea(mask) > 0 ? [{ frame, prompts: [], mask }] : [];
		});
	}

	/** Forgets what was asked for. */
	reset(): void {
		this.bases = new Map();
	}

	/** Keeps the masks of a frame, by the targets' ids. */
	take(said: Said, index: number, masks: ReadonlyMap<number, RunLengthMask>): void {
		for (const [id, mask] of masks) {
			const basis = this.bases.get(id) ?? basisOf(marksOf(said, id));
			if (!this.bases.has(id)) this.bases = new Map([...this.bases, [id, basis]]);
			this.tracked.take(id, index, mask, basis);
		}
	}
}
