import type { RunLengthMask } from '$models/mask.ts';
import type { Concept, Example } from '$models/segmenter.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { FoundThing } from '$workers/segment/types.ts';
import type { Document } from './document.svelte.ts';
import { withFound } from './found.ts';
import type { Segments } from './segments.ts';
import { shownError } from './shown-error.ts';
import type { Search } from './targets.ts';

const noExamples: readonly Example[] = [];

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

export interface FinderParts {
	readonly segments: Pick<Segments, 'detect'>;
	readonly document: Document;
	readonly frame: (index: number) => PromptedFrame;
	/** The mask that a target has on a frame. */
	readonly maskOf: (target: number, index: number) => RunLengthMask | undefined;
	/** Told of the surest thing's target. */
	readonly onFound: (target: number) => void;
}

/** Looks for things on a frame, the newest search only, and makes targets of them. */
export class Finder {
	notice = $state<FindNotice>();
	error = $state.raw<ErrorBody>();
	#wanted = $state.raw<Wanted>();

	constructor(private readonly parts: FinderParts) {}

	/** Things are being looked for. */
	get busy(): boolean {
		return this.#wanted !== undefined;
	}

	/** The examples that are looked for on a frame, or were last. */
	examplesAt(index: number): readonly Example[] {
		return this.#before(index)?.concept.examples ?? noExamples;
	}

	/** Adds an example to what is or was looked for on a frame, and looks again. Returns as `find`. */
	async addExample(index: number, example: Example): Promise<number> {
		const before = this.#before(index);
		const { words, examples = noExamples } = before?.concept ?? {};
		return this.find({ ...before, index, concept: { words, examples: [...examples, example] } });
	}

	/** @returns how many of the things found are targets now */
	async find(wanted: Wanted): Promise<number> {
		const { segments, frame } = this.parts;
		this.forget();
		this.#wanted = wanted;
		try {
			const answer = await segments.detect(frame(wanted.index), wanted.concept);
			if (!answer || this.#wanted !== wanted) return 0;
			if (answer.found.length === 0) {
				this.notice = wanted.concept.examples ? 'no-example-match' : 'no-match';
				return 0;
			}
			return this.#take(wanted, answer.found);
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

	/** What the next example on a frame goes on with. */
	#before(index: number): Wanted | undefined {
		if (this.#wanted?.index === index) return this.#wanted;
		const { said } = this.parts.document;
		const search = said.searches.get(index);
		if (!search) return undefined;
		const { words, examples, targets } = search;
		const name = said.targets.find(({ id }) => id === targets[0])?.name;
		return { index, concept: { words, examples }, name, replaces: search };
	}

	#take(wanted: Wanted, found: readonly FoundThing[]): number {
		const { document, maskOf, onFound } = this.parts;
		const { newTarget, newRevision } = document;
		const { said, targets, tooMany } = withFound(document.said, {
			...{ ...wanted, found, newTarget, newRevision },
			maskOf: (target) => maskOf(target, wanted.index)
		});
		const [first] = targets;
		if (first !== undefined) {
			document.edit(said);
			onFound(first);
		}
		this.notice = tooMany ? 'too-many' : undefined;
		return targets.length;
	}
}
