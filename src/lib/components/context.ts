import { createContext } from 'svelte';
import type { App } from '$lib/state/app.svelte.ts';
import type { Library } from '$lib/state/library.svelte.ts';
import type { Models } from '$lib/state/models.svelte.ts';
import type { Transfer } from '$lib/state/transfer.svelte.ts';
import type { Updates } from '$lib/state/updates.svelte.ts';

/** The page's one `App`, set by the layout. */
export const [getApp, setApp] = createContext<App>();

/** The page's one `Library`, set by the layout. */
export const [getLibrary, setLibrary] = createContext<Library>();

/** The page's one `Models`, set by the layout. */
export const [getModels, setModels] = createContext<Models>();

/** The page's one `Updates`, set by the layout. */
export const [getUpdates, setUpdates] = createContext<Updates>();

/** The page's one `Transfer`, set by the layout. */
export const [getTransfer, setTransfer] = createContext<Transfer>();

/** What the pages ask of the layout, which has the file picker. */
export interface Shell {
	/** Lets the user choose a file to open. */
	readonly choose: () => void;
	/** Lets the user choose a session's file to import. */
	readonly chooseSession: () => void;
	/** Opens the built-in clip. */
	readonly openSample: () => Promise<void>;
}

export const [getShell, setShell] = createContext<Shell>();
