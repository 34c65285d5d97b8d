import type { Player } from '$lib/state/player.svelte.ts';

export type ResultMode = 'alpha' | 'foreground' | 'checker' | 'colour' | 'source';

/** A finished matte and how it is looked at. */
export interface ResultView {
	/** The grey alpha clip. */
	readonly alpha: Player;
	/** The foreground on #00FF00. */
	readonly foreground: Player;
	readonly view: ResultMode;
	/** What the foreground is put on in the view `colour`: `#rrggbb`. */
	readonly colour: string;
	/** Where the source ends and the result begins, 0 to 1 from the left; null for no wipe. The viewer's handle moves it. */
	wipe: number | null;
}
