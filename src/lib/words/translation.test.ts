import { afterEach, describe, expect, it, vi } from 'vitest';
import { appError } from '$protocol/errors.ts';
import { browserTranslation, fetchBrowserTranslator, translateInBrowser } from './browser-translator.ts';
import { translate } from './translation.ts';

const byServer =
	(english: string, standIn = false) =>
	async () => ({
		...{ english, standIn, provider: 'cpu' },
		by: 'opus-mt' as const
	});
const absent = async () => undefined;

describe('translating', () => {
	it('leaves English as it is', async () => {
		const browser = vi.fn(absent);
		expect(await translate(' a dog ', undefined, { browser })).toEqual({
			...{ english: 'a dog', by: 'as-is', unknown: [] }
		});
		expect(browser).not.toHaveBeenCalled();
	});

	it('takes the browser before the server, the server before the glossary', async () => {
		const server = byServer('Dog.');
		const browser = async () => 'The red dog.';
		expect(await translate('红狗', undefined, { browser, server })).toMatchObject({
			...{ english: 'red dog', by: 'browser' }
		});
		expect(await translate('红狗', undefined, { browser: absent, server })).toMatchObject({
			...{ english: 'dog', by: 'opus-mt' }
		});
		expect(await translate('红狗', undefined, { browser: absent })).toEqual({
			...{ english: 'red dog', by: 'glossary', unknown: [] }
		});
	});

	it('passes over a translator that is not installed, is a stand-in, or answers nothing of use', async () => {
		const missing = async () => {
			throw appError('model-absent', { name: 'OPUS-MT' });
		};
		for (const server of [missing, byServer('lorem ipsum', true), byServer('...'), byServer('红狗')])
			expect((await translate('红狗', undefined, { browser: absent, server })).by).toBe('glossary');
	});

	it('names what no translator understands', async () => {
		expect(await translate('锟斤拷', undefined, { browser: absent })).toEqual({
			...{ by: 'glossary', unknown: ['锟斤拷'] }
		});
	});

	it('stops when nobody waits any more', async () => {
		const stop = new AbortController();
		const server = async () => {
			stop.abort();
			throw stop.signal.reason;
		};
		await expect(translate('红狗', stop.signal, { browser: absent, server })).rejects.toThrow('aborted');
	});
});

describe("the browser's translator", () => {
	afterEach(() => void vi.unstubAllGlobals());

	it('is told as absent where there is none', async () => {
		expect(await browserTranslation()).toBe('absent');
		expect(await translateInBrowser('狗')).toBeUndefined();
	});

	it('downloads nothing unasked, and translates once its language pack was fetched', async () => {
		let available = 'downloadable';
		const translator = { translate: vi.fn(async () => 'dog') };
		const create = vi.fn(async ({ monitor }: { monitor?: (target: EventTarget) => void }) => {
			const target = new EventTarget();
			monitor?.(target);
			target.dispatchEvent(Object.assign(new Event('downloadprogress'), { loaded: 0.5 }));
			available = 'available';
			return translator;
		});
		vi.stubGlobal('Translator', { availability: async () => available, create });
		expect(await browserTranslation()).toBe('downloadable');
		expect(await translateInBrowser('紅色的狗')).toBeUndefined();
		expect(create).not.toHaveBeenCalled();

		const parts: number[] = [];
		expect(await fetchBrowserTranslator((part) => parts.push(part))).toBe(true);
		expect(parts).toEqual([0.5]);
		expect(create.mock.calls[0]![0]).toMatchObject({ sourceLanguage: 'zh', targetLanguage: 'en' });
		expect(await translateInBrowser('紅色的狗')).toBe('dog');
		expect(translator.translate).toHaveBeenCalledWith('红色的狗', { signal: undefined });
		expect(create).toHaveBeenCalledTimes(1);
	});
});
