import type { ErrorBody } from '$protocol/errors.ts';
import type { Job } from '$protocol/schema.ts';
import { Player } from './player.svelte.ts';
import type { ResultFiles } from './result-files.ts';
import { resultLayouts, resultViews, type ResultKind, type ResultLayout } from './result-views.ts';
import { shownError } from './shown-error.ts';

/** A finished job on the canvas: its alpha and foreground, and how they are shown. */
export class ResultView {
	readonly alpha = new Player();
	readonly foreground = new Player();
	view = $state<ResultKind>('checker');
	/** What lies behind the foreground in the view `colour`, as #rrggbb. */
	colour = $state('#3b6ea5');
	/** Where the source ends and the result begins, 0 to 1 of the width; null without a wipe. */
	wipe = $state<number | null>(null);
	/** Another result of the clip to look at in the same way; that one's own way of being looked at says nothing. */
	other = $state.raw<ResultView>();
	layout = $state<ResultLayout>('wipe');
	/** In the layout `wipe`: where the other result ends and this one begins, 0 to 1 of the width. */
	split = $state(0.5);
	state = $state.raw<'loading' | 'ready' | 'failed'>('loading');
	error = $state.raw<ErrorBody>();

	#stop = new AbortController();

	constructor(
		readonly job: Job,
		readonly files: Pick<ResultFiles, 'get'>
	) {}

	/** Opens both files. Never rejects: `state` tells. */
	async load(): Promise<void> {
		const { signal } = this.#stop;
		const open = async (player: Player, kind: 'alpha' | 'foreground') => {
			const file = await this.files.get(kind);
			signal.throwIfAborted();
			await player.open(file, kind);
		};
		try {
			await Promise.all([open(this.alpha, 'alpha'), open(this.foreground, 'foreground')]);
			this.state = 'ready';
		} catch (error) {
			if (signal.aborted) return;
			this.close();
			this.state = 'failed';
			this.error = shownError(error);
		}
	}

	/** Shows another result of the same clip beside this one, or this one alone. */
	compare(other: ResultView | undefined): void {
		this.other?.close();
		this.other = other;
		void other?.load();
	}

	close(): void {
		this.compare(undefined);
		this.#stop.abort();
		this.alpha.close();
		this.foreground.close();
	}

	nextView(): void {
		this.view = resultViews[(resultViews.indexOf(this.view) + 1) % resultViews.length]!;
	}

	/** Wipes against the source, or not; of two results, wipes between them, or lays them side by side. */
	toggleWipe(): void {
		if (this.other) this.layout = resultLayouts[(resultLayouts.indexOf(this.layout) + 1) % 2]!;
		else this.wipe = this.wipe === null ? 0.5 : null;
	}
}
