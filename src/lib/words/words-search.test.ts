import { describe, expect, it, vi } from 'vitest';
import type { Translation } from './translation.ts';
import { WordsSearch } from './words-search.svelte.ts';

function searching(answers: Readonly<Record<string, Translation>>) {
	const find = vi.fn(async () => 1);
	const search = new WordsSearch({ find, translate: async (words) => answers[words]! });
	return { find, search };
}

const red: Translation = { english: 'person in red', by: 'glossary', unknown: [] };
const half: Translation = { english: 'cup', by: 'glossary', unknown: ['饕餮纹'] };

describe('looking for words', () => {
	it('looks for the English, under the name that the user gave, and shows it', async () => {
		const { find, search } = searching({ 穿红衣服的人: red });
		search.words = ' 穿红衣服的人 ';
		await search.submit();
		expect(find).toHaveBeenCalledWith({ words: 'person in red' }, '穿红衣服的人');
		expect([search.english, search.translated, search.looked]).toEqual([
			'person in red',
			true,
			'person in red'
		]);
	});

	it('looks for what the English was changed to', async () => {
		const { find, search } = searching({ 穿红衣服的人: red });
		search.words = '穿红衣服的人';
		await search.submit();
		search.english = 'woman in red';
		await search.submitEnglish();
		expect(find).toHaveBeenLastCalledWith({ words: 'woman in red' }, '穿红衣服的人');
	});

	it('looks for nothing before words that were not understood are put into English', async () => {
		const { find, search } = searching({ 饕餮纹的杯子: half });
		search.words = '饕餮纹的杯子';
		await search.submit();
		expect(find).not.toHaveBeenCalled();
		expect([search.unknown, search.english]).toEqual([['饕餮纹'], 'cup']);
		search.english = 'bronze cup';
		await search.submitEnglish();
		expect(find).toHaveBeenCalledWith({ words: 'bronze cup' }, '饕餮纹的杯子');
	});

	it('forgets a translation on its way when the words are changed', async () => {
		let answer: (translation: Translation) => void = () => {};
		const find = vi.fn(async () => 1);
		const search = new WordsSearch({ find, translate: () => new Promise((resolve) => (answer = resolve)) });
		search.words = '穿红衣服的人';
		const submitted = search.submit();
		expect(search.busy).toBe('translating');
		search.changed();
		answer(red);
		await submitted;
		expect(find).not.toHaveBeenCalled();
		expect([search.busy, search.english]).toEqual([undefined, '']);
	});

	it('does nothing without words', async () => {
		const { find, search } = searching({});
		search.words = '  ';
		await search.submit();
		await search.submitEnglish();
		expect(find).not.toHaveBeenCalled();
	});
});
