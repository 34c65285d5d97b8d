import type { Concept } from '$models/segmenter.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { FoundThing } from '$workers/segment/types.ts';
import type { Segments } from './segments.ts';
import { shownError } from './shown-error.ts';
import type { Search } from './targets.ts';

/** Nothing is like the words, or like the examples; or there are more things than there can be targets. */
export type FindNotice = 'no-match' | 'no-example-match' | 'too-many';

/** What is looked for on a frame. */
export interface Wanted {
	readonly index: number;
	readonly concept: Concept;
	/** What the user calls it. */
	readonly name?: string;
	/** The search that this one goes on with: what it found and nothing was said of since is replaced. */
	readonly replaces?: Search;
}

/** Looks for things on a frame, the newest search only. */
export class Finder {
	notice = $state<FindNotice>();
	error = $state.raw<ErrorBody>();
	#wanted = $state.raw<Wanted>();

	constructor(private readonly segments: Pick<Segments, 'detect'>) {}

	/** Things are being looked for. */
	get busy(): boolean {
		return this.#wanted !== undefined;
	}

	/** What is being looked for on a frame. */
	wantedAt(index: number): Wanted | undefined {
		return this.#wanted?.index === index ? this.#wanted : undefined;
	}

	/**
	 * @param take is given what was found, surest first, where there is anything; tells how much of it was taken, and whether it was too much
	 * @returns how many things were taken
	 */
	async find(
		frame: PromptedFrame,
		wanted: Wanted,
		take: (found: readonly FoundThing[]) => { readonly taken: number; readonly tooMany: boolean }
	): Promise<number> {
		this.forget();
		this.#wanted = wanted;
		try {
			const answer = await this.segments.detect(frame, wanted.concept);
			if (!answer || this.#wanted !== wanted) return 0;
			if (answer.found.length === 0) {
				this.notice = wanted.concept.examples ? 'no-example-match' : 'no-match';
				return 0;
			}
			const { taken, tooMany } = take(answer.found);
			this.notice = tooMany ? 'too-many' : undefined;
			return taken;
		} catch (error) {
			if (this.#wanted === wanted) this.error = shownError(error);
			return 0;
		} finally {
			if (this.#wanted === wanted) this.#wanted = undefined;
		}
	}

	/** Takes back what was told. */
	clear(): void {
		this.notice = this.error = undefined;
	}

	/** Drops what is on its way, too. */
	forget(): void {
		this.#wanted = undefined;
		this.clear();
	}
}
