import type { Size } from '$models/frame.ts';
import { maskArea, type RunLengthMask } from '$models/mask.ts';
import type { Prompting } from './prompting.svelte.ts';

interface Parts {
	readonly prompting: Pick<Prompting, 'takeTracked' | 'addFollowed' | 'targets'>;
	/** Of the masks. */
	readonly size: Size;
	/** The targets that are followed. */
	readonly targets: readonly number[];
	/** What things are called that are found besides. */
	readonly words?: string;
}

/** Takes the masks of one tracking, frame after frame, and makes targets of what is found besides those that were given. */
export class Taking {
	/** The targets of what was found, by the ids that tracking gave it; undefined where there was no room for another target. */
	readonly #found = new Map<number, number | undefined>();
	readonly #frames = new Set<number>();
	readonly #firstFound: number;

	constructor(private readonly parts: Parts) {
		this.#firstFound = Math.max(0, ...parts.targets) + 1;
	}

	/** Frames that were taken. */
	get done(): number {
		return this.#frames.size;
	}

	/** @param masks by id, of the page's size; one that is not seen may be left out */
	take(index: number, masks: ReadonlyMap<number, RunLengthMask>): void {
		const { prompting, targets } = this.parts;
		for (const [id, mask] of masks) this.#find(id, mask, index);
		const followed = new Map(targets.map((id) => [id, masks.get(id) ?? this.#empty]));
		for (const [id, target] of this.#found)
			if (target !== undefined) followed.set(target, masks.get(id) ?? this.#empty);
		// What was removed meanwhile is not brought back.
		const known = new Set(prompting.targets.map(({ id }) => id));
		prompting.takeTracked(index, new Map([...followed].filter(([id]) => known.has(id))));
		this.#frames.add(index);
	}

	/** Makes a target of a thing that is seen for the first time. It was not there on the frames before. */
	#find(id: number, mask: RunLengthMask, index: number): void {
		const { prompting, words } = this.parts;
		if (id < this.#firstFound || this.#found.has(id) || maskArea(mask) === 0) return;
		const target = prompting.addFollowed(index, mask, { name: words, words });
		this.#found.set(id, target);
		if (target === undefined) return;
		for (const frame of this.#frames) prompting.takeTracked(frame, new Map([[target, this.#empty]]));
	}

	get #empty(): RunLengthMask {
		const { width, height } = this.parts.size;
		return { width, height, counts: [width * height] };
	}
}
