import type { RunLengthMask } from '$models/mask.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { Segments } from './segments.ts';
import type { Marks } from './targets.ts';
import type { Point } from './viewport.svelte.ts';

/** What would be said by a click. */
export interface HoverQuestion {
	readonly frame: PromptedFrame;
	readonly marks: Marks;
}

/** The mask that a click would give, where the pointer rests: one question at a time, and always about the newest place. */
export class Hover {
	#shown = $state.raw<{ readonly frame: string; readonly mask: RunLengthMask }>();
	#pointer: Point | undefined;
	#question: HoverQuestion | undefined;
	#asking = false;

	/** @param questionAt what a click at a place of the picture would say; undefined while none can be previewed */
	constructor(
		private readonly segments: Pick<Segments, 'segment'>,
		private readonly questionAt: (at: Point) => HoverQuestion | undefined
	) {}

	/** @param frame the key of the frame that is shown */
	on(frame: string): RunLengthMask | undefined {
		return this.#shown?.frame === frame ? this.#shown.mask : undefined;
	}

	/** The pointer rests at another place, or at none. */
	rest(at: Point | undefined): void {
		this.#pointer = at;
		this.again();
	}

	/** Asks again where the pointer rests. */
	again(): void {
		this.#ask(this.#pointer && this.questionAt(this.#pointer));
	}

	/** Takes the preview away. */
	drop(): void {
		this.#ask(undefined);
	}

	#ask(question: HoverQuestion | undefined): void {
		this.#question = question;
		if (!question) this.#shown = undefined;
		else if (!this.#asking) void this.#work();
	}

	async #work(): Promise<void> {
		this.#asking = true;
		for (let asked: HoverQuestion | undefined; asked !== this.#question;) {
			asked = this.#question!;
			const mask = await this.#answer(asked);
			if (!this.#question) break;
			if (mask) this.#shown = { frame: asked.frame.key, mask };
		}
		this.#asking = false;
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
