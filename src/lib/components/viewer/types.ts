import type { Player } from '$lib/state/player.svelte.ts';

export type ResultMode = 'alpha' | 'foreground' | 'checker' | 'colour' | 'source';

/** The files of a finished matte. */
export interface Matte {
	/** The grey alpha clip. */
	readonly alpha: Player;
	/** The foreground on #00FF00. */
	readonly foreground: Player;
}

/** A finished matte and how it alone is looked at. */
export interface MatteLook extends Matte {
	readonly view: ResultMode;
	/** What the foreground is put on in the view `colour`: `#rrggbb`. */
	readonly colour: string;
	/** Where the source ends and the result begins, 0 to 1 from the left; null for no wipe. */
	readonly wipe: number | null;
}

/** A finished matte and how it is looked at, alone or beside another; the viewer's handles move `wipe` and `split`. */
export interface ResultView extends MatteLook {
	wipe: number | null;
	/** How two results are laid out: one over the other up to a line, or side by side. */
	readonly layout: 'wipe' | 'beside';
	/** Where that line is, 0 to 1 from the left. */
	split: number;
}
