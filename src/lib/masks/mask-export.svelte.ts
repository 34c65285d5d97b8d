import { saveAs } from '$lib/save-as.ts';
import { plainName } from '$lib/session-file/manifest.ts';
import { shownError } from '$lib/state/shown-error.ts';
import type { Session } from '$lib/state/session.svelte.ts';
import type { Target } from '$lib/state/targets.ts';
import { targetName } from '$lib/target-look.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import { packMasks, type ExportedTarget } from './export-masks.ts';

/** Lets the user save the masks of a session, tracked and marked, as pictures. */
export class MaskExport {
	/** The target that is wanted; undefined for all of them. */
	target = $state<number>();
	/** How many pictures are made, while that goes on. */
	done = $state<number>();
	error = $state.raw<ErrorBody>();
	readonly #abort = new AbortController();

	constructor(
		private readonly session: Pick<Session, 'player' | 'prompting' | 'name'>,
		private readonly save: (file: Blob, name: string) => void = saveAs
	) {}

	/** The targets that are written: of all those of which something is known. */
	readonly #wanted: readonly Target[] = $derived.by(() => {
		const { targets } = this.session.prompting;
		if (this.target !== undefined) return targets.filter(({ id }) => id === this.target);
		return targets.filter((target) => this.#known(target) > 0);
	});

	/** Pictures that are written. */
	readonly total = $derived.by(() => this.#wanted.length * this.session.player.frames);

	/** On how many of them nothing is known of the target. */
	readonly unknown = $derived(
		this.total - this.#wanted.reduce((sum, target) => sum + this.#known(target), 0)
	);

	/** Whether there is any mask to write. */
	readonly some = $derived(this.unknown < this.total);

	/**
	 * Writes all masks. Never rejects: `error` tells.
	 * @returns whether it has come to its end
	 */
	async run(): Promise<boolean> {
		const { player, prompting, name } = this.session;
		const { info } = player;
		if (!info || this.done !== undefined) return false;
		const { signal } = this.#abort;
		const stem = plainName(name.replace(/\.[^.]*$/, ''));
		this.error = undefined;
		this.done = 0;
		try {
			const zip = await packMasks({
				name: stem,
				targets: foldersOf(this.#wanted, prompting.targets).map(([{ id }, folder]): ExportedTarget => ({
					folder,
					at: (frame) => prompting.maskOf(id, frame)?.mask
				})),
				...{ size: info, frames: player.frames, signal },
				onPicture: () => this.done!++
			});
			this.save(zip, `${stem}_masks.zip`);
			return true;
		} catch (error) {
			if (!signal.aborted) this.error = shownError(error);
			return false;
		} finally {
			this.done = undefined;
		}
	}

	/** Gives up what goes on. */
	close(): void {
		this.#abort.abort();
	}

	/** On how many frames a mask of a target is known. */
	#known({ id }: Target): number {
		const { prompting } = this.session;
		const tracked = prompting.tracked.of(id);
		const marked = prompting
			.framesOf(id)
			.filter((frame) => prompting.maskOf(id, frame) && !tracked.has(frame));
		return tracked.size + marked.length;
	}
}

/** A folder for each target, by its name, with its place in the list where another has the same one. */
function foldersOf(wanted: readonly Target[], all: readonly Target[]): [Target, string][] {
	const names = all.map((target) => plainName(targetName(target, all)));
	return wanted.map((target) => {
		const at = all.indexOf(target);
		const isShared = names.indexOf(names[at]!) !== names.lastIndexOf(names[at]!);
		return [target, isShared ? `${names[at]} ${at + 1}` : names[at]!];
	});
}
