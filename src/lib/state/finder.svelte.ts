import type { Concept } from '$models/segmenter.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { FoundThing } from '$workers/segment/types.ts';
import type { Segments } from './segments.ts';
import { shownError } from './shown-error.ts';

/** What finding came to: nothing is like it, or more things than there can be targets. */
export type FindNotice = 'no-match' | 'too-many';

/** Looks for things on a frame, the newest search only. */
export class Finder {
	/** Things are being looked for. */
	busy = $state(false);
	notice = $state<FindNotice>();
	error = $state.raw<ErrorBody>();
	#search = 0;

	constructor(private readonly segments: Pick<Segments, 'detect'>) {}

	/**
	 * @param take is given what was found, surest first, where there is anything; tells whether it was too much
	 * @returns how many things were found
	 */
	async find(
		frame: PromptedFrame,
		concept: Concept,
		take: (found: readonly FoundThing[]) => { readonly tooMany: boolean }
	): Promise<number> {
		this.forget();
		const search = this.#search;
		this.busy = true;
		try {
			const answer = await this.segments.detect(frame, concept);
			if (!answer || search !== this.#search) return 0;
			const { found } = answer;
			const tooMany = found.length > 0 && take(found).tooMany;
			this.notice = found.length === 0 ? 'no-match' : tooMany ? 'too-many' : undefined;
			return found.length;
		} catch (error) {
			if (search === this.#search) this.error = shownError(error);
			return 0;
		} finally {
			if (search === this.#search) this.busy = false;
		}
	}

	/** Takes back what was told. */
	clear(): void {
		this.notice = this.error = undefined;
	}

	/** Drops what is on its way, too. */
	forget(): void {
		this.#search++;
		this.busy = false;
		this.clear();
	}
}
