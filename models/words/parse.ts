import { either, many, map, optional, remember, sequence, type Reading, type Rule } from './chart.ts';
import { lexicon, longestWord, type Adjective, type Noun, type Plain, type Sense } from './lexicon.ts';
import { englishWords, readNumeral } from './numerals.ts';
import { clauseRule } from './clauses.ts';
import { plural } from './english.ts';
import {
	add,
	isDeed,
	misfit,
	type Clause,
	type Modifier,
	type Place,
	type Quality,
	type Quantity,
	type Thing
} from './phrase.ts';

/** What is meant where no noun says it: 穿红衣服的 is somebody, 左边的 is something. */
const someone: Noun = { type: 'noun', english: 'person', kind: 'person', number: 'one' };
const something: Noun = { type: 'noun', english: 'object', kind: 'thing', number: 'one' };

/** What readings cost that are possible, but seldom meant; a word costs 1. */
const seldom = {
	compound: 1.5,
	headless: 3,
	predicate: 0.5,
	bareClause: 1.5,
	bareOwner: 1,
	bareNumber: 1,
	comma: 0.5
};

/**
 * Reads a Chinese noun phrase, or several with 和 between.
 * @param text simplified characters, with spaces between English words only
 * @returns the likeliest reading; undefined when there is none
 */
export function parse(text: string): readonly Thing[] | undefined {
	const whole = phraseRule(text)(0).filter(({ end }) => end === text.length);
	return whole.length > 0 ? whole.reduce((a, b) => (b.cost < a.cost ? b : a)).value : undefined;
}

/** The grammar, over one text. */
function phraseRule(text: string): Rule<readonly Thing[]> {
	const { plain, noun, adjective, numeral } = wordsOf(text);
	const of = plain('of');
	const and = plain('conjunction');

	const quality: Rule<Quality> = sequence(
		optional(plain('degree', 'superlative')),
		adjective,
		(degree, adjective) => ({ adjective, most: degree?.type === 'superlative' })
	);
	const qualities = many(quality, optional(and));

	const measure = optional(plain('measure', 'container'));
	const unit = (word?: Plain) => (word?.type === 'container' ? { container: word.english } : {});
	const determiners = many(plain('determiner'));
	const quantity: Rule<Quantity> = either<Quantity>(
		sequence(numeral, plain('measure', 'container'), (count, word) => ({ count, ...unit(word) })),
		map(
			numeral,
			(count) => ({ count }),
			() => seldom.bareNumber
		),
		sequence(
			plain('ordinal'),
			sequence(numeral, measure, (ordinal) => ordinal),
			(_, ordinal) => ({ ordinal })
		),
		sequence(plain('quantity'), measure, ({ english }, word) => ({ count: english, ...unit(word) })),
		sequence(
			determiners,
			sequence(optional(numeral), measure, (count, word) => ({ count, word })),
			(_, said) => ({
				...(said.count === undefined || said.count < 2 ? {} : { count: said.count }),
				...unit(said.word)
			})
		)
	);

	const core: Rule<readonly Noun[]> = remember((at) =>
		many(noun)(at)
			.filter(({ value }) => value.length <= 3)
			.map((reading) => ({
				...reading,
				cost: reading.cost + compoundCost(reading.value)
			}))
	);
	const bare: Rule<Thing> = map(core, (nouns) => ({ modifiers: [], nouns }));
	const withModifier = (modifier: Rule<Modifier>, thing: Rule<Thing>): Rule<Thing> =>
		sequence(modifier, thing, add, misfit);

	const counting: Rule<Modifier> = map(
		sequence(quantity, optional(of), (quantity) => quantity),
		(quantity) => ({
			...{ kind: 'quantity', quantity }
		})
	);
	const describing: Rule<Modifier> = map(
		sequence(qualities, optional(of), (qualities) => qualities),
		(qualities) => ({ kind: 'qualities', qualities })
	);
	const simple: Rule<Thing> = remember((at) =>
		either(bare, withModifier(either(counting, describing), simple))(at)
	);

	const place: Rule<Place> = remember(
		either<Place>(
			sequence(
				optional(sequence(plain('picture'), optional(of), () => 0)),
				plain('place'),
				(_, { english }) => ({
					english
				})
			),
			sequence(plain('picture'), plain('localizer'), () => ({ english: '' })),
			sequence(simple, plain('localizer'), (thing, { english }) => ({ preposition: english, thing }))
		)
	);
	const clauses = many(clauseRule({ plain, simple, qualities, place, and }), optional(and));

	/** 头发很长的, 不是红色的 */
	const remark: Rule<readonly Clause[]> = either<readonly Clause[]>(
		sequence(simple, qualities, (thing, qualities): readonly Clause[] => [
			{
				...{ kind: 'having', english: 'with', negated: false },
				objects: [add({ kind: 'qualities', qualities }, thing)]
			}
		]),
		sequence(plain('negation'), qualities, (_, qualities) => [
			{ kind: 'quality', english: 'that is', negated: true, qualities }
		])
	);
	const doing: Rule<Modifier> = map(clauses, (clauses) => ({ kind: 'clauses', clauses }));
	const modifier: Rule<Modifier> = remember(
		either<Modifier>(
			counting,
			describing,
			sequence(doing, of, (doing) => doing),
			map(
				doing,
				(doing) => doing,
				() => seldom.bareClause
			),
			sequence(
				remark,
				of,
				(clauses) => ({ kind: 'clauses', clauses }),
				() => seldom.predicate
			),
			sequence(place, optional(of), (place) => ({ kind: 'place', place })),
			sequence(simple, of, (owner) => ({ kind: 'owner', owner })),
			// 红衣女孩
			map(
				simple,
				(owner) => ({ kind: 'owner', owner }),
				() => seldom.bareOwner
			)
		)
	);
	const comma = map(
		optional(and),
		() => 0,
		(sign) => (sign ? seldom.comma : 0)
	);
	const thing: Rule<Thing> = remember((at) =>
		either(
			bare,
			withModifier(
				sequence(modifier, comma, (modifier) => modifier),
				thing
			)
		)(at)
	);
	const headless: Rule<Thing> = map(
		many(modifier),
		(modifiers) => ({ modifiers, nouns: [modifiers.some(isDeed) ? someone : something] }),
		() => seldom.headless
	);
	const acting: Rule<Thing> = sequence(thing, clauses, (thing, clauses) =>
		add({ kind: 'clauses', clauses }, thing)
	);
	const requests = optional(many(plain('request', 'adverb')));
	return sequence(
		requests,
		sequence(many(either(thing, acting, headless), and), requests, (things) => things),
		(_, things) => things
	);
}

/** 男人手 belongs together more than most nouns that stand side by side. */
function compoundCost(nouns: readonly Noun[]): number {
	const costs = nouns.slice(1).map((noun, i) => {
		const ofSomeone = nouns[i]!.kind === 'person' && noun.kind === 'body';
		return ofSomeone ? seldom.predicate : seldom.compound;
	});
	return costs.reduce((sum, cost) => sum + cost, 0);
}

/** Words by their part of speech. */
function wordsOf(text: string) {
	const senses = remember<Sense>((at) => {
		const found: Reading<Sense>[] = [];
		for (let end = at + 1; end <= Math.min(text.length, at + longestWord); end++)
			for (const value of lexicon.get(text.slice(at, end).toLowerCase()) ?? [])
				found.push({ value, end, cost: 1 });
		return found;
	});
	const ofType =
		<T extends Sense>(is: (sense: Sense) => sense is T): Rule<T> =>
		(at) =>
			senses(at).filter((reading): reading is Reading<T> => is(reading.value));
	const plain = (...types: readonly Plain['type'][]) =>
		ofType((sense): sense is Plain => (types as readonly string[]).includes(sense.type));
	const english: Rule<Noun> = (at) => {
		const words = englishWords(text, at);
		if (!words) return [];
		const number = /[^s]s$/.test(words) ? 'plural' : 'one';
		return [
			{ value: { type: 'noun', english: words, kind: 'unknown', number }, end: at + words.length, cost: 1 }
		];
	};
	const named = either(
		ofType((sense) => sense.type === 'noun'),
		english
	);
	/** 孩子们 */
	const noun = sequence(named, optional(plain('several')), (noun, several): Noun =>
		several ? { ...noun, english: plural(noun.english), number: 'plural' } : noun
	);
	const adjective: Rule<Adjective> = ofType((sense) => sense.type === 'adjective');
	const numeral: Rule<number> = (at) => {
		const numeral = readNumeral(text, at);
		return numeral ? [{ value: numeral.value, end: numeral.end, cost: 1 }] : [];
	};
	return { plain, noun, adjective, numeral };
}
