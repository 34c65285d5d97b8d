import type { SavedTracked } from '$lib/storage/types.ts';
import { nearest } from '$workers/media/nearest.ts';
import type { Basis, Tracked } from './tracked.svelte.ts';

interface Parts {
	readonly tracked: Tracked;
	/** Of the clip's frames; undefined while none is open. */
	readonly times: () => Float64Array | undefined;
	readonly write: (frames: readonly SavedTracked[]) => Promise<void>;
	/** Told when writing begins to fail; what was not written is tried again with what comes next. */
	readonly failed: (error: unknown) => void;
}

/** Frames of one write: it must not hold up the page. */
const BATCH = 60;
/** Milliseconds from a mask to its being written, with all that came meanwhile. */
const DELAY = 500;

/** Writes tracked masks down as they come, so that a closed tab or a crash loses half a second of them, and brings them back. */
export class TrackedKeeper {
	#timer: ReturnType<typeof setTimeout> | undefined;
	#saving: Promise<void> = Promise.resolve();
	#failing = false;

	constructor(private readonly parts: Parts) {}

	/** To be told when something is not written yet. */
	soon(): void {
		this.#timer ??= setTimeout(() => void this.save(), DELAY);
	}

	/** Writes all that is not written yet. Never rejects. */
	save(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const { tracked, times, failed } = this.parts;
		const known = times();
		const frames = tracked.takeUnsaved();
		if (!known || frames.length === 0) return this.#saving;
		this.#saving = this.#saving.then(async () => {
			try {
				await this.#write(frames, known);
				this.#failing = false;
			} catch (error) {
				if (!this.#failing) failed(error);
				this.#failing = true;
			}
		});
		return this.#saving;
	}

	/** Takes over what was saved, of the targets that there are; the rest is removed with the next save. */
	async load(
		saved: AsyncIterable<readonly SavedTracked[]>,
		targets: readonly { readonly id: number }[]
	): Promise<void> {
		const { tracked, times } = this.parts;
		const known = new Set(targets.map(({ id }) => id));
		const bases = new Map<string, Basis>();
		for await (const frames of saved) {
			const now = times();
			if (!now) return;
			for (const { time, masks } of frames) {
				const index = nearest(now, time);
				for (const { target, mask, basis, soft } of masks) {
					const name = basis.join(' ');
					const own =
						bases.get(name) ?? new Map(basis.map(([time, revision]) => [nearest(now, time), revision]));
					bases.set(name, own);
					if (known.has(target)) tracked.restore(target, index, { mask, basis: own, soft });
					else tracked.unsave(index);
				}
			}
		}
		tracked.flush();
	}

	async #write(indices: readonly number[], times: Float64Array): Promise<void> {
		const { tracked, write } = this.parts;
		for (let start = 0; start < indices.length; start += BATCH) {
			const batch = indices.slice(start, start + BATCH);
			try {
				await write(batch.map((index) => savedFrame(tracked, index, times)));
			} catch (error) {
				tracked.putBack(indices.slice(start));
				throw error;
			}
		}
	}
}

function savedFrame(tracked: Tracked, index: number, times: Float64Array): SavedTracked {
	const masks = tracked.targets.flatMap((target) => {
		const found = tracked.find(target, index);
		if (!found) return [];
		const basis = [...found.basis].map(([frame, revision]) => [times[frame]!, revision] as const);
		return [{ target, mask: found.mask, basis, soft: found.soft }];
	});
	return { time: times[index]!, masks };
}
