/** How English forms the plural, the article and the superlative, as far as the glossary's words need it. */

const irregular: Readonly<Record<string, string>> = {
	...{ person: 'people', man: 'men', woman: 'women', child: 'children', foot: 'feet', tooth: 'teeth' },
	...{
		goose: 'geese',
		mouse: 'mice',
		wolf: 'wolves',
		calf: 'calves',
		leaf: 'leaves',
		knife: 'knives',
		scarf: 'scarves'
	},
	...{
		shelf: 'shelves',
		bookshelf: 'bookshelves',
		loaf: 'loaves',
		sheep: 'sheep',
		fish: 'fish',
		goldfish: 'goldfish'
	},
	...{ deer: 'deer', shrimp: 'shrimp', koi: 'koi', samurai: 'samurai', dice: 'dice', cactus: 'cacti' },
	...{ fisherman: 'fishermen', businessman: 'businessmen', cameraman: 'cameramen', snowman: 'snowmen' },
	...{
		businesswoman: 'businesswomen',
		piano: 'pianos',
		photo: 'photos',
		kangaroo: 'kangaroos',
		avocado: 'avocados'
	},
	...{
		dumbbell: 'dumbbells',
		yourself: 'yourselves',
		wife: 'wives',
		jewellery: 'jewellery',
		tuxedo: 'tuxedos'
	}
};

/** "little dog" → "little dogs". */
export function plural(noun: string): string {
	const at = noun.lastIndexOf(' ') + 1;
	const last = noun.slice(at);
	return noun.slice(0, at) + (irregular[last] ?? withS(last));
}

function withS(word: string): string {
	if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
	return /(s|x|z|ch|sh|[^aeiou]o)$/.test(word) ? `${word}es` : `${word}s`;
}

/** "apple" → "an apple". */
export function withArticle(phrase: string): string {
	const vowel = /^([aeio]|u(?!ni|kulele|fo))/i.test(phrase) && !/^(european|one)/i.test(phrase);
	return `${vowel ? 'an' : 'a'} ${phrase}`;
}

const superlatives: Readonly<Record<string, string>> = { bad: 'worst', good: 'best', full: 'fullest' };

/** "big" → "biggest", "beautiful" → "most beautiful". */
export function superlative(adjective: string): string {
	if (superlatives[adjective]) return superlatives[adjective];
	if (/^[^aeiou]*[aeiou]+[^aeiou]*e$/.test(adjective)) return `${adjective}st`;
	if (/^[^aeiou]*[aeiou][bdgmnpt]$/.test(adjective)) return `${adjective}${adjective.at(-1)}est`;
	if (/[^aeiou]y$/.test(adjective)) return `${adjective.slice(0, -1)}iest`;
	return /^[^aeiou]*[aeiou]+[^aeiou]*$/.test(adjective) ? `${adjective}est` : `most ${adjective}`;
}
