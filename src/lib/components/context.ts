import { createContext } from 'svelte';
import type { App } from '$lib/state/app.svelte.ts';

/** The page's one `App`, set by the route. */
export const [getApp, setApp] = createContext<App>();
