import type { RunLengthMask } from '$models/mask.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { Segments } from './segments.ts';
import type { Marks } from './targets.ts';

/** What a click would be said of. */
export interface HoverQuestion {
	readonly frame: PromptedFrame;
	readonly marks: Marks;
}

/** The mask that a click would give, where the pointer rests: one question at a time, and always about the newest place. */
export class Hover {
	mask = $state.raw<RunLengthMask>();
	#question: HoverQuestion | undefined;
	#asking = false;

	constructor(private readonly segments: Pick<Segments, 'segment'>) {}

	/** Asks about another place, or takes the preview away. */
	ask(question: HoverQuestion | undefined): void {
		this.#question = question;
		if (!question) this.mask = undefined;
		else if (!this.#asking) void this.#work();
	}

	async #work(): Promise<void> {
		this.#asking = true;
		try {
			for (let asked = this.#question; asked; asked = asked === this.#question ? undefined : this.#question) {
				const answer = await this.#answer(asked);
				if (answer && this.#question) this.mask = answer;
			}
		} finally {
			this.#asking = false;
		}
	}

	/** A preview that cannot be had is none; what stands in the way is said at the click. */
	async #answer({ frame, marks }: HoverQuestion): Promise<RunLengthMask | undefined> {
		try {
			return (await this.segments.segment(frame, marks.prompts, marks.base, 'preview'))?.mask;
		} catch {
			return undefined;
		}
	}
}
