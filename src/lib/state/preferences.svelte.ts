import { getLocale, overwriteGetLocale, setLocale, type Locale } from '$lib/i18n/paraglide/runtime';

export type Theme = 'dark' | 'light';

const themeKey = 'theme';

/** What one user likes, remembered in this browser. */
class Preferences {
	#locale = $state<Locale>(getLocale());
	#theme = $state<Theme>(localStorage.getItem(themeKey) === 'light' ? 'light' : 'dark');

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
}

export const preferences = new Preferences();
