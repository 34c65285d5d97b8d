import { adjectives } from './glossary/adjectives.ts';
import { animals } from './glossary/animals.ts';
import { doing, doingAt, doingWith, having, wearing } from './glossary/actions.ts';
import { body } from './glossary/body.ts';
import { accessories, garments } from './glossary/clothing.ts';
import { food } from './glossary/food.ts';
import * as grammar from './glossary/grammar.ts';
import { home } from './glossary/home.ts';
import { nature } from './glossary/nature.ts';
import { people } from './glossary/people.ts';
import { places } from './glossary/places.ts';
import { things } from './glossary/things.ts';
import type { NounKind, Words } from './glossary/types.ts';
import { vehicles } from './glossary/vehicles.ts';

const topics = [
	...[people, body, garments, accessories, animals, vehicles],
	...[home, food, things, nature, places]
];

/** What a noun is in English. */
export interface Noun {
	readonly type: 'noun';
	readonly english: string;
	readonly kind: NounKind;
	readonly number: 'one' | 'mass' | 'plural';
}

export interface Adjective {
	readonly type: 'adjective';
	readonly english: string;
	/** Its place before the noun, from 0. */
	readonly rank: number;
}

/** A word whose part of speech says how it is used. */
export interface Plain {
	readonly type:
		| ('doing' | 'wearing' | 'doingWith' | 'having' | 'doingAt' | 'at' | 'particle')
		| ('quantity' | 'container' | 'measure' | 'ordinal' | 'several' | 'determiner')
		| ('localizer' | 'place' | 'picture' | 'degree' | 'superlative' | 'negation' | 'adverb')
		| ('request' | 'conjunction' | 'of');
	readonly english: string;
}

/** One meaning of a word. */
export type Sense = Noun | Adjective | Plain;

/** The rank of colours among adjectives. */
export const colourRank = adjectives.findIndex((words) => 'red' in words);

/** Every word of the glossary, with its meanings. */
export const lexicon: ReadonlyMap<string, readonly Sense[]> = buildLexicon();

/** Characters of the longest word. */
export const longestWord = Math.max(...[...lexicon.keys()].map((word) => word.length));

function buildLexicon(): Map<string, Sense[]> {
	const senses = new Map<string, Sense[]>();
	const add = (words: string, sense: Sense) => {
		for (const word of words.split(' ')) senses.set(word, [...(senses.get(word) ?? []), sense]);
	};
	const addAll = (words: Words, sense: (english: string) => Sense) => {
		for (const [english, chinese] of Object.entries(words)) add(chinese, sense(english));
	};
	const addPlain = (type: Plain['type'], words: Words) => addAll(words, (english) => ({ type, english }));

	for (const { kind, one = {}, mass = {}, plural = {} } of topics)
		for (const [number, words] of Object.entries({ one, mass, plural }))
			addAll(words, (english) => ({ type: 'noun', english, kind, number: number as Noun['number'] }));
	for (const [rank, words] of adjectives.entries())
		addAll(words, (english) => ({ type: 'adjective', english, rank }));
	for (const [english, chinese] of Object.entries(adjectives[colourRank]!))
		if (!/[ -]/.test(english)) addShades(english, chinese, senses, add);

	const { quantities, containers, localizers, standingPlaces } = grammar;
	const plain = { doing, wearing, doingWith, having, doingAt };
	for (const [type, words] of Object.entries(plain)) addPlain(type as keyof typeof plain, words);
	addPlain('quantity', quantities);
	addPlain('container', containers);
	addPlain('localizer', localizers);
	addPlain('place', standingPlaces);
	add(grammar.measures, { type: 'measure', english: '' });
	add(grammar.picture, { type: 'picture', english: '' });
	add(grammar.degrees, { type: 'degree', english: '' });
	add(grammar.superlative, { type: 'superlative', english: '' });
	add(grammar.negations, { type: 'negation', english: 'not' });
	add(grammar.determiners, { type: 'determiner', english: '' });
	add(grammar.adverbs, { type: 'adverb', english: '' });
	add(grammar.requests, { type: 'request', english: '' });
	add(grammar.conjunctions, { type: 'conjunction', english: 'and' });
	add('的 之 地', { type: 'of', english: '' });
	add('在 位于 处于', { type: 'at', english: '' });
	add('了 着 过', { type: 'particle', english: '' });
	add('们', { type: 'several', english: '' });
	add('第', { type: 'ordinal', english: '' });
	return senses;
}

/** 深蓝色 is "dark blue", 浅绿 "light green", for all colours that have no name of their own for it. */
function addShades(
	english: string,
	chinese: string,
	senses: ReadonlyMap<string, unknown>,
	add: (word: string, sense: Sense) => void
): void {
	const shades = { dark: '深 暗', light: '浅 淡', bright: '亮 鲜' };
	for (const [shade, prefixes] of Object.entries(shades))
		for (const prefix of prefixes.split(' '))
			for (const colour of chinese.split(' ')) {
				const sense = { type: 'adjective', english: `${shade} ${english}`, rank: colourRank } as const;
				if (!senses.has(prefix + colour)) add(prefix + colour, sense);
			}
}
