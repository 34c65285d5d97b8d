import { simplify } from '$models/words/glossary/traditional.ts';

/**
 * The browser's own translator: Chrome and Edge on desktops, on secure pages, in windows only. A language pack is fetched once, after the
 * user has asked for it: `create` wants a fresh gesture as long as `availability` is not `available`. Browsers that hide what was fetched
 * for other sites say `downloadable` until this one has made a translator.
 */
interface TranslatorFactory {
	availability(
		pair: LanguagePair
	): Promise<'available' | 'downloadable' | 'downloading' | 'unavailable' | null>;
	create(
		options: LanguagePair & { monitor?: (monitor: EventTarget) => void; signal?: AbortSignal }
	): Promise<BrowserTranslator>;
}

interface BrowserTranslator {
	translate(text: string, options?: { signal?: AbortSignal }): Promise<string>;
}

interface LanguagePair {
	readonly sourceLanguage: string;
	readonly targetLanguage: string;
}

/** `zh` is Chinese in simplified characters; the traditional ones would be a pack of their own. */
const pair: LanguagePair = { sourceLanguage: 'zh', targetLanguage: 'en' };

/** Whether this browser can translate, or could after a download. */
export type BrowserTranslation = 'absent' | 'downloadable' | 'downloading' | 'available';

let translator: Promise<BrowserTranslator> | undefined;

function factory(): TranslatorFactory | undefined {
	return (globalThis as { Translator?: TranslatorFactory }).Translator;
}

export async function browserTranslation(): Promise<BrowserTranslation> {
	const available = await factory()
		?.availability(pair)
		.catch(() => undefined);
	return !available || available === 'unavailable' ? 'absent' : available;
}

/**
 * Fetches the language pack; to be called right after a click or a key.
 * @param onProgress told the part that has come, 0 to 1
 * @returns whether the browser translates now; it does not where the user or a policy forbids the download, or the network is away
 */
export async function fetchBrowserTranslator(onProgress: (part: number) => void): Promise<boolean> {
	const monitor = (monitor: EventTarget) =>
		monitor.addEventListener('downloadprogress', (event) => onProgress((event as ProgressEvent).loaded));
	try {
		await open(monitor);
		return true;
	} catch {
		return false;
	}
}

/**
 * Translates without downloading anything.
 * @returns undefined where this browser does not, or failed
 */
export async function translateInBrowser(words: string, signal?: AbortSignal): Promise<string | undefined> {
	if ((await browserTranslation()) !== 'available') return undefined;
	try {
		return await (await open()).translate(simplify(words), { signal });
	} catch (error) {
		if (signal?.aborted) throw error;
		return undefined;
	}
}

function open(monitor?: (monitor: EventTarget) => void): Promise<BrowserTranslator> {
	const opening = (translator ??= factory()!.create({ ...pair, monitor }));
	opening.catch(() => {
		if (translator === opening) translator = undefined;
	});
	return opening;
}
