import { plural, superlative, withArticle } from './english.ts';
import { inPairs } from './glossary/body.ts';
import { inThings, numberNames, onPlaces, ordinalNames } from './glossary/grammar.ts';
import { colourRank, type Noun } from './lexicon.ts';
import {
	headOf,
	isAlive,
	isFeature,
	type Clause,
	type Place,
	type Quality,
	type Quantity,
	type Thing
} from './phrase.ts';

/** Whether a noun phrase is what is looked for ("hat"), an object of it ("a hat") or a place ("the table"). */
type Part = 'head' | 'object' | 'place';

/** Puts things into English: a noun phrase without an article, as SAM 3 likes it. */
export function render(things: readonly Thing[]): string {
	return joined(things.map((thing) => renderThing(thing, 'head')));
}

function renderThing(thing: Thing, part: Part): string {
	const { quantity, qualities, owners, wholes, after, places } = surroundingsOf(thing);
	const kinds = thing.nouns
		.slice(0, -1)
		.map((noun) => (noun.kind === 'person' ? possessive(noun.english) : noun.english));
	const noun = counted(
		headOf(thing),
		[...owners, ...adjectivesOf(qualities), ...wholes, ...kinds],
		quantity,
		part
	);
	const counting = quantity.ordinal !== undefined;
	const where = places.map((place) =>
		counting ? place.replace(/^on the (left|right)$/, 'from the $1') : place
	);
	return [noun, ...strungTogether(after), ...where].filter(Boolean).join(' ');
}

/** What stands around a noun in English. */
interface Surroundings {
	readonly quantity: Quantity;
	readonly qualities: readonly Quality[];
	/** Whom it belongs to: "man's". */
	readonly owners: readonly string[];
	/** What it is a part of: "car". */
	readonly wholes: readonly string[];
	/** "in a red dress" */
	readonly after: readonly string[];
	readonly places: readonly string[];
}

function surroundingsOf({ modifiers, nouns }: Thing): Surroundings {
	const head = nouns.at(-1)!;
	const around = {
		...{
			quantity: {} as Quantity,
			qualities: [] as Quality[],
			owners: [] as string[],
			wholes: [] as string[]
		},
		...{ after: [] as string[], places: [] as string[] }
	};
	// What stands before a possessor says something of the possessor.
	const owned = modifiers.findLastIndex(
		(modifier) => modifier.kind === 'owner' && !isFeature(headOf(modifier.owner), head)
	);
	if (owned >= 0) {
		const { owner } = modifiers[owned] as { owner: Thing };
		const whole = { ...owner, modifiers: [...modifiers.slice(0, owned), ...owner.modifiers] };
		addOwner(whole, around);
	}
	for (const modifier of modifiers.slice(owned + 1)) {
		if (modifier.kind === 'quantity') around.quantity = { ...around.quantity, ...modifier.quantity };
		else if (modifier.kind === 'qualities') around.qualities.push(...modifier.qualities);
		else if (modifier.kind === 'clauses') around.after.push(...modifier.clauses.map(clauseText));
		else if (modifier.kind === 'place') around.places.push(placeText(modifier.place));
		else around.after.push(withFeature(modifier.owner));
	}
	return around;
}

function withFeature(feature: Thing): string {
	const { kind } = headOf(feature);
	const verb = kind === 'garment' ? 'in' : kind === 'accessory' ? 'wearing' : 'with';
	return `${verb} ${objectText(feature)}`;
}

function addOwner(owner: Thing, around: { owners: string[]; wholes: string[]; after: string[] }): void {
	const plainly = renderThing(owner, 'head');
	const short = surroundingsOf(owner);
	const simple = short.after.length === 0 && short.places.length === 0;
	const bare = owner.modifiers.length === 0;
	if (simple && isAlive(headOf(owner))) around.owners.push(possessive(plainly));
	else if (bare) around.wholes.push(plainly);
	else around.after.push(`of ${renderThing(owner, 'place')}`);
}

function possessive(owner: string): string {
	return owner.endsWith('s') ? `${owner}'` : `${owner}'s`;
}

/** "big red", "red and white" */
function adjectivesOf(qualities: readonly Quality[]): string[] {
	const sorted = [...qualities].sort((a, b) => a.adjective.rank - b.adjective.rank);
	const words = (holds: (rank: number) => boolean) => [
		...new Set(sorted.filter(({ adjective }) => holds(adjective.rank)).map(qualityText))
	];
	const colours = joined(words((rank) => rank === colourRank));
	return [...words((rank) => rank < colourRank), colours, ...words((rank) => rank > colourRank)].filter(
		Boolean
	);
}

function qualityText({ adjective, most }: Quality): string {
	return most ? superlative(adjective.english) : adjective.english;
}

/** A noun with the words before it, its number and its article. */
function counted(
	head: Noun,
	before: readonly string[],
	{ count, container, ordinal }: Quantity,
	part: Part
): string {
	const phrase = (noun: string) => [...before, noun].join(' ');
	const several = head.number === 'one' ? plural(head.english) : head.english;
	if (ordinal !== undefined) {
		const which = `${ordinalNames[ordinal] ?? `${ordinal}th`} ${phrase(head.english)}`;
		return part === 'head' ? which : `the ${which}`;
	}
	const unit = unitOf(head, container, count);
	const one = count === undefined || count === 1;
	if (one) {
		const noun = unit ? `${unit} of ${phrase(several)}` : phrase(head.english);
		if (part === 'head') return noun;
		if (part === 'place') return `the ${noun}`;
		return unit || head.number === 'one' ? withArticle(noun) : noun;
	}
	const number = typeof count === 'number' ? (numberNames[count] ?? String(count)) : count;
	if (unit) return `${number} ${plural(unit)} of ${phrase(several)}`;
	return `${number} ${phrase(several)}`;
}

/** What a number of things is counted in: what was said, or what English needs. */
function unitOf(head: Noun, container: string | undefined, count: Quantity['count']): string | undefined {
	if (container && !(container === 'piece' && head.number === 'one')) return container;
	if (typeof count !== 'number' || count === 1) return undefined;
	if (head.number === 'mass') return 'piece';
	return head.number === 'plural' && head.kind !== 'unknown' && !isAlive(head) ? 'pair' : undefined;
}

function clauseText({ kind, english, negated, objects = [], qualities = [], place }: Clause): string {
	const not = negated ? 'not ' : '';
	const where = place ? placeText(place) : '';
	const said = [`${not}${english}`, where].filter(Boolean).join(' ');
	switch (kind) {
		case 'doing':
		case 'doingAt':
			return said;
		case 'quality':
			return `${english} ${not}${adjectivesOf(qualities).join(' ')}`;
		case 'having':
			return `${negated ? 'without' : english} ${objectsText(objects)}`;
		case 'doingWith': {
			// Games and instruments go without an article.
			const what = english === 'playing' ? render(objects) : objectsText(objects);
			return [`${not}${english}`, what, where].filter(Boolean).join(' ');
		}
		case 'wearing': {
			if (objects.length === 0) return `${not}in ${adjectivesOf(qualities).join(' ')}`;
			const clothes = headOf(objects[0]!).kind === 'garment' || headOf(objects[0]!).kind === 'unknown';
			const verb = negated ? 'without' : clothes ? 'in' : 'wearing';
			return `${verb} ${objectsText(objects)}`;
		}
	}
}

function objectsText(objects: readonly Thing[]): string {
	return joined(objects.map(objectText));
}

/** "a hat", "big eyes" */
function objectText(thing: Thing): string {
	const head = headOf(thing);
	const counts = thing.modifiers.some(({ kind }) => kind === 'quantity');
	if (counts || !inPairs.includes(head.english)) return renderThing(thing, 'object');
	const both: Noun = { ...head, english: plural(head.english), number: 'plural' };
	return renderThing({ ...thing, nouns: [...thing.nouns.slice(0, -1), both] }, 'object');
}

function placeText(place: Place): string {
	if ('english' in place) return place.english;
	const { english, kind } = headOf(place.thing);
	const onto = onPlaces.includes(english) || (kind !== 'place' && kind !== 'unknown') ? 'on' : 'in';
	const preposition = place.preposition ?? onto;
	const said = preposition === 'on' && inThings.includes(english) ? 'in' : preposition;
	return `${said} ${renderThing(place.thing, 'place')}`;
}

/** Clauses one after the other, with "and" between two that say what somebody does. */
function strungTogether(clauses: readonly string[]): string[] {
	const does = (clause?: string) => clause !== undefined && /^(not )?\w+ing\b/.test(clause);
	return clauses.map((clause, i) => (does(clause) && does(clauses[i - 1]) ? `and ${clause}` : clause));
}

/** "a", "a and b", "a, b and c" */
function joined(words: readonly string[]): string {
	return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
