import { shownError } from '$lib/state/shown-error.ts';
import type { Session } from '$lib/state/session.svelte.ts';
import { mostTargets } from '$lib/state/targets.ts';
import type { MaskChannel } from '$models/mask-sequence/picture.ts';
import { placeSequence } from '$models/mask-sequence/placing.ts';
import { lookAtMasks, readMasks, type MaskSource, type MasksLook } from '$models/mask-sequence/read.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import { openMasks } from './source.ts';

/** What was chosen, and what a look at it has told. */
interface Chosen {
	readonly source: MaskSource;
	readonly look: MasksLook;
}

/** Brings masks from elsewhere into a session: the user chooses them, sees what they are, and says where they belong. */
export class MaskImport {
	chosen = $state.raw<Chosen>();
	channel = $state<MaskChannel>('brightness');
	/** Whether soft edges are kept. */
	soft = $state(false);
	/** The frame of the first picture. */
	start = $state(0);
	/** The target whose place the masks take; undefined for a new one. */
	inPlaceOf = $state<number>();
	/** How many pictures were read, while that goes on. */
	done = $state<number>();
	opening = $state(false);
	error = $state.raw<ErrorBody>();
	#abort = new AbortController();

	constructor(
		private readonly session: Pick<Session, 'player' | 'prompting' | 'setVideoMaMa'>,
		private readonly open: typeof openMasks = openMasks
	) {
		const { prompting } = session;
		const { active } = prompting;
		const isEmpty = prompting.framesOf(active).length === 0 && prompting.trackedRanges(active).length === 0;
		this.inPlaceOf = isEmpty ? active : undefined;
	}

	/** Where each sequence comes to lie. */
	readonly placings = $derived.by(() => {
		const { sequences = [] } = this.chosen?.source ?? {};
		return sequences.map((sequence) => placeSequence(sequence, this.start, this.session.player.frames));
	});

	/** Pictures that are to be read. */
	readonly total = $derived(this.placings.reduce((sum, { pictures }) => sum + pictures.size, 0));

	/** How many targets there would be too many. */
	get tooMany(): number {
		const { targets } = this.session.prompting;
		const room = mostTargets - targets.length + (this.#replaced === undefined ? 0 : 1);
		return Math.max(0, this.placings.length - room);
	}

	/** Looks at what the user has chosen. Never rejects: `error` tells. */
	async choose(files: readonly File[]): Promise<void> {
		this.close();
		const { signal } = (this.#abort = new AbortController());
		this.opening = true;
		let source: MaskSource | undefined;
		try {
			source = await this.open(files);
			const look = await lookAtMasks(source);
			signal.throwIfAborted();
			this.chosen = { source, look };
			this.channel = look.channel;
			this.soft = look.isSoft;
			this.start = 0;
		} catch (error) {
			source?.close();
			if (!signal.aborted) this.error = shownError(error);
		} finally {
			if (!signal.aborted) this.opening = false;
		}
	}

	/**
	 * Reads all masks, and then makes targets of them, so that nothing changes where that fails or is given up. Never rejects.
	 * @returns whether it has come to its end
	 */
	async run(): Promise<boolean> {
		const { prompting, player } = this.session;
		const { chosen, channel, soft } = this;
		const { info } = player;
		if (!chosen || !info || this.done !== undefined) return false;
		const { signal } = this.#abort;
		this.error = undefined;
		this.done = 0;
		try {
			const { source } = chosen;
			const onPicture = () => this.done!++;
			const options = { size: info, channel, soft, onPicture, signal };
			const targets = [];
			for (const placing of this.placings) targets.push(await readMasks(source, placing, options));
			// Another tab may have taken the session over.
			if (prompting.frozen) return false;
			for (const [i, masks] of targets.entries()) {
				const { name } = source.sequences[i]!;
				prompting.addImported(masks, { name: name || undefined }, this.#replaced);
			}
			// Otherwise the edges would be left out without a word.
			if (soft) this.session.setVideoMaMa({ soft });
			return true;
		} catch (error) {
			if (!signal.aborted) this.error = shownError(error);
			return false;
		} finally {
			this.done = undefined;
		}
	}

	/** Lets go of what was chosen, and gives up what goes on. */
	close(): void {
		this.#abort.abort();
		this.chosen?.source.close();
		this.chosen = this.error = undefined;
		this.opening = false;
	}

	/** Several sequences are targets of their own. */
	get #replaced(): number | undefined {
		return this.placings.length === 1 ? this.inPlaceOf : undefined;
	}
}
