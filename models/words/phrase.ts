import type { Adjective, Noun } from './lexicon.ts';

/** How many, or which one. */
export interface Quantity {
	/** How many, from 1; or a word such as "many". */
	readonly count?: number | string;
	/** What they come in: "group", "cup". */
	readonly container?: string;
	/** The which one it is, from 1. */
	readonly ordinal?: number;
}

/** What somebody does, wears or has. */
export interface Clause {
	readonly kind: 'wearing' | 'doing' | 'doingWith' | 'having' | 'doingAt' | 'quality';
	readonly english: string;
	readonly negated: boolean;
	readonly objects?: readonly Thing[];
	/** Colours that stand for clothes, or what is not so. */
	readonly qualities?: readonly Quality[];
	readonly place?: Place;
}

/** An adjective and its degree. */
export interface Quality {
	readonly adjective: Adjective;
	readonly most: boolean;
}

/** "on the left", or a place by a thing: "next to" the table. */
export type Place = { readonly english: string } | { readonly preposition?: string; readonly thing: Thing };

/** What stands before a noun and says more of it. */
export type Modifier =
	| { readonly kind: 'qualities'; readonly qualities: readonly Quality[] }
	| { readonly kind: 'quantity'; readonly quantity: Quantity }
	| { readonly kind: 'clauses'; readonly clauses: readonly Clause[] }
	| { readonly kind: 'place'; readonly place: Place }
	| { readonly kind: 'owner'; readonly owner: Thing };

/** A noun phrase. */
export interface Thing {
	readonly modifiers: readonly Modifier[];
	/** The last one is what it is; those before it say of what kind. */
	readonly nouns: readonly Noun[];
}

export function headOf(thing: Thing): Noun {
	return thing.nouns.at(-1)!;
}

export function isAlive({ kind }: Noun): boolean {
	return kind === 'person' || kind === 'animal';
}

/** Puts a modifier before a noun phrase. */
export function add(modifier: Modifier, thing: Thing): Thing {
	return { ...thing, modifiers: [modifier, ...thing.modifiers] };
}

/** Whether somebody must be meant, since only people and animals do such things. */
export function isDeed(modifier: Modifier): boolean {
	return (
		modifier.kind === 'clauses' &&
		modifier.clauses.some(({ kind }) => kind === 'wearing' || kind === 'doing' || kind === 'doingWith')
	);
}

/** What it costs that a modifier does not fit what it stands before, as clothes that wear something. */
export function misfit(modifier: Modifier, thing: Thing): number {
	const head = headOf(thing);
	// 长头发的女人 has long hair, and is not long herself.
	if (thing.modifiers[0]?.kind === 'owner' && isFeature(headOf(thing.modifiers[0].owner), head)) return 0.5;
	if (head.kind === 'unknown' || isAlive(head)) {
		const belongs = modifier.kind === 'owner' && ['thing', 'place'].includes(headOf(modifier.owner).kind);
		return belongs ? 1 : 0;
	}
	if (modifier.kind === 'clauses') {
		const costs = { wearing: 3, doingWith: 2, doing: 0.5, having: 0, doingAt: 0, quality: 0 };
		return Math.max(...modifier.clauses.map(({ kind }) => costs[kind]));
	}
	return modifier.kind === 'owner' && !isAlive(headOf(modifier.owner)) ? 0.5 : 0;
}

/** Whether 的 between two nouns means that the second has the first, as in 长头发的女人. */
export function isFeature(owner: Noun, head: Noun): boolean {
	return isAlive(head) && !isAlive(owner) && owner.kind !== 'place' && owner.kind !== 'unknown';
}
