import { createContext } from 'svelte';
import type { App } from '$lib/state/app.svelte.ts';
import type { Library } from '$lib/state/library.svelte.ts';

/** The page's one `App`, set by the layout. */
export const [getApp, setApp] = createContext<App>();

/** The page's one `Library`, set by the layout. */
export const [getLibrary, setLibrary] = createContext<Library>();

/** What the pages ask of the layout, which has the file picker. */
export interface Shell {
	/** Lets the user choose a file to open. */
	readonly choose: () => void;
	/** Opens the built-in clip. */
	readonly openSample: () => Promise<void>;
}

export const [getShell, setShell] = createContext<Shell>();
