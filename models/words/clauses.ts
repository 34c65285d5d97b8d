import { either, many, map, optional, remember, sequence, type Rule } from './chart.ts';
import type { Plain } from './lexicon.ts';
import { headOf, type Clause, type Place, type Quality, type Thing } from './phrase.ts';

/** The rules that clauses are made of. */
interface Parts {
	readonly plain: (...types: readonly Plain['type'][]) => Rule<Plain>;
	readonly simple: Rule<Thing>;
	readonly qualities: Rule<readonly Quality[]>;
	readonly place: Rule<Place>;
	readonly and: Rule<Plain>;
}

/** What readings cost beside their words, which cost 1 each. */
const seldom = { wornOddly: 2, together: -0.5, noVerb: 0.5, nowhere: 1 };

/** Reads what somebody does, wears or has: 正在跑步, 没戴帽子, 在草地上睡觉. */
export function clauseRule({ plain, simple, qualities, place, and }: Parts): Rule<Clause> {
	const objects = many(simple, and);
	const verb = (type: Plain['type']) => sequence(plain(type), optional(plain('particle')), (word) => word);
	const withObjects = (kind: 'wearing' | 'doingWith' | 'having'): Rule<Clause> =>
		sequence(verb(kind), objects, ({ english }, objects) => ({ kind, english, negated: false, objects }));
	const wearing = map(
		withObjects('wearing'),
		(clause) => clause,
		({ objects = [] }) => (objects.every(isWorn) ? 0 : seldom.wornOddly)
	);
	const wearingColours: Rule<Clause> = sequence(verb('wearing'), qualities, ({ english }, qualities) => ({
		...{ kind: 'wearing', english, negated: false, qualities }
	}));
	const doing: Rule<Clause> = map(verb('doing'), ({ english }) => ({
		kind: 'doing',
		english,
		negated: false
	}));
	const somewhere: Rule<Place> = either<Place>(
		place,
		map(
			simple,
			(thing) => ({ thing }),
			(thing) => (headOf(thing).kind === 'place' ? 0 : seldom.nowhere)
		)
	);
	const being: Rule<Clause> = sequence(
		either(verb('doingAt'), plain('at')),
		somewhere,
		({ english }, place) => ({
			...{ kind: 'doingAt', english, negated: false, place }
		})
	);
	/** 在草地上睡觉 is one clause, not two. */
	const doingThere: Rule<Clause> = sequence(
		sequence(plain('at'), somewhere, (_, place) => place),
		either(doing, withObjects('doingWith')),
		(place, clause) => ({ ...clause, place }),
		() => seldom.together
	);
	const anything = either(
		wearing,
		wearingColours,
		withObjects('doingWith'),
		withObjects('having'),
		doing,
		being,
		doingThere
	);
	const adverbs = optional(many(plain('adverb')));
	const negation = sequence(
		adverbs,
		sequence(plain('negation'), adverbs, (word) => word),
		(_, word) => word
	);
	const without: Rule<Clause> = sequence(
		negation,
		objects,
		(_, objects) => ({ kind: 'having', english: 'with', negated: true, objects }),
		() => seldom.noVerb
	);
	return remember(
		either<Clause>(
			sequence(adverbs, anything, (_, clause) => clause),
			sequence(negation, anything, (_, clause) => ({ ...clause, negated: true })),
			without
		)
	);
}

function isWorn(thing: Thing): boolean {
	return ['garment', 'accessory', 'unknown'].includes(headOf(thing).kind);
}
