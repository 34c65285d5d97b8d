import type { Health } from '$protocol/schema.ts';
import type { ConnectionStatus } from './server-connection.svelte.ts';
import type { Way } from './ways.ts';

/** Where tracking is computed. */
export const trackPlaces = ['browser', 'server'] as const;
export type TrackPlace = (typeof trackPlaces)[number];

/** What tracks in a place, by code (`track_by_<code>`). */
export const trackers = ['webgpu', 'wasm', 'classic', 'server-sam3', 'server-classic'] as const;
export type Tracker = (typeof trackers)[number];

/** Why a place was chosen, by code (`track_because_<code>`). */
export const placeReasons = ['wish', 'fast', 'better', 'only', 'codec', 'away', 'no-sam3'] as const;
export type PlaceReason = (typeof placeReasons)[number];

export interface PlaceSituation {
	/** How prompts are answered in this browser. */
	readonly way: Way;
	readonly server: ConnectionStatus;
	readonly health?: Pick<Health, 'segmenters'>;
	/** Whether the browser itself can decode the clip. */
	readonly decodable: boolean;
	/** What the user chose. */
	readonly wish?: TrackPlace;
}

export interface ChosenPlace {
	readonly place: TrackPlace;
	readonly tracker: Tracker;
	readonly reason: PlaceReason;
	/** Whether words can be followed there. */
	readonly concepts: boolean;
}

/** Where to track: where the user wants it, else where SAM 3 is fast, else where it is at all. */
export function choosePlace(now: PlaceSituation): ChosenPlace {
	const { way, wish, decodable, server } = now;
	const sam3There = hasSam3(now);
	if (wish) return chosen(now, wish, 'wish');
	if (!decodable) return chosen(now, 'server', 'codec');
	if (way === 'webgpu') return chosen(now, 'browser', 'fast');
	if (sam3There && server === 'online') return chosen(now, 'server', 'better');
	if (sam3There) return chosen(now, 'browser', 'away');
	return chosen(now, 'browser', way === 'wasm' ? 'only' : 'no-sam3');
}

function chosen(now: PlaceSituation, place: TrackPlace, reason: PlaceReason): ChosenPlace {
	const tracker = trackerAt(now, place);
	return { place, tracker, reason, concepts: tracker !== 'classic' && tracker !== 'server-classic' };
}

function trackerAt(now: PlaceSituation, place: TrackPlace): Tracker {
	if (place === 'server') return hasSam3(now) ? 'server-sam3' : 'server-classic';
	return now.way === 'webgpu' || now.way === 'wasm' ? now.way : 'classic';
}

function hasSam3({ health }: PlaceSituation): boolean {
	return health?.segmenters.some(({ id, available }) => id === 'sam3' && available) ?? false;
}
