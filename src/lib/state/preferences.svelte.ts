import { getLocale, overwriteGetLocale, setLocale, type Locale } from '$lib/i18n/paraglide/runtime';
import { engineIds, type EngineId } from '$models/registry.ts';
import { parseWish, type SegmentationWish } from './ways.ts';
import { trackPlaces, type TrackPlace } from './track-place.ts';

export type Theme = 'dark' | 'light';

const themeKey = 'theme';
const engineKey = 'engine';
const segmentationKey = 'segmentation';
const trackPlaceKey = 'track-place';

/** What one user likes, remembered in this browser. */
class Preferences {
	#locale = $state<Locale>(getLocale());
	#theme = $state<Theme>(localStorage.getItem(themeKey) === 'light' ? 'light' : 'dark');

	#trackPlace = $state(trackPlaces.find((place) => place === localStorage.getItem(trackPlaceKey)));

	constructor() {
		// Every message reads the language from here, so that the page follows a switch without losing its state.
		overwriteGetLocale(() => this.#locale);
		document.documentElement.lang = this.#locale;
	}

	get locale(): Locale {
		return this.#locale;
	}

	set locale(locale: Locale) {
		this.#locale = locale;
		void setLocale(locale, { reload: false });
		document.documentElement.lang = locale;
	}

	get theme(): Theme {
		return this.#theme;
	}

	set theme(theme: Theme) {
		this.#theme = theme;
		localStorage.setItem(themeKey, theme);
		document.documentElement.classList.toggle('light', theme === 'light');
	}

	/** What new sessions begin with: the engine that was chosen last. */
	get engine(): EngineId {
		const known = localStorage.getItem(engineKey);
		return engineIds.find((id) => id === known) ?? 'classic';
	}

	set engine(engine: EngineId) {
		localStorage.setItem(engineKey, engine);
	}

	/** How prompts are answered, as far as it was chosen. */
	get segmentation(): SegmentationWish {
		return parseWish(localStorage.getItem(segmentationKey));
	}

	set segmentation(wish: SegmentationWish) {
		localStorage.setItem(segmentationKey, JSON.stringify(wish));
	}

	/** Where tracking is computed; undefined where the machine is to choose. */
	get trackPlace(): TrackPlace | undefined {
		return this.#trackPlace;
	}

	set trackPlace(place: TrackPlace | undefined) {
		this.#trackPlace = place;
		if (place) localStorage.setItem(trackPlaceKey, place);
		else localStorage.removeItem(trackPlaceKey);
	}
}

export const preferences = new Preferences();
