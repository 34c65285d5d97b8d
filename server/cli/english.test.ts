import { expect, it } from 'vitest';
import { inEnglish, type TranslateWords } from './english.ts';
import type { TargetArgs } from './target-args.ts';
import { Words } from './words.ts';

const { signal } = new AbortController();

async function translated(text: string, translate: TranslateWords = async () => undefined) {
	const told: string[] = [];
	const target: TargetArgs = { frame: 0, prompts: [], concept: { words: text } };
	const terminal = { tell: (line: string) => void told.push(line), words: new Words('en') };
	const { concept } = await inEnglish(target, terminal, signal, translate);
	return { english: concept!.words, told };
}

it('leaves English as it is', async () => {
	expect(await translated('the dog')).toEqual({ english: 'the dog', told: [] });
});

it('puts Chinese into English with the glossary where no translator is installed, and says so', async () => {
	const { english, told } = await translated('穿红衣服的人');
	expect(english).toBe('person in red clothes');
	expect(told).toEqual(['“穿红衣服的人” in English: “person in red clothes”']);
});

it('takes the installed translator, unless its weights mean nothing', async () => {
	const answer = (standIn: boolean) => async () => ({ english: 'The man in red.', standIn });
	expect((await translated('穿红衣服的人', answer(false))).english).toBe('man in red');
	expect((await translated('穿红衣服的人', answer(true))).english).toBe('person in red clothes');
});

it('names what nothing understands', async () => {
	await expect(translated('红色的锟斤拷')).rejects.toMatchObject({
		...{ code: 'words-unknown', params: { unknown: '锟斤拷' } }
	});
});
