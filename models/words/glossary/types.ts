/** Chinese words for an English one, with spaces between; the first is the usual one. Simplified characters. */
export type Words = Readonly<Record<string, string>>;

/**
 * What a noun names, as far as grammar goes by it: who can wear and hold things, what is worn, what is a part of somebody. English words
 * among Chinese ones are `unknown`.
 */
export type NounKind = 'person' | 'animal' | 'body' | 'garment' | 'accessory' | 'thing' | 'place' | 'unknown';

/** Nouns of one kind, by how English counts them. */
export interface Nouns {
	readonly kind: NounKind;
	/** That can be counted: "a dog", "two dogs". */
	readonly one?: Words;
	/** That have no number: "grass", "two pieces of furniture". */
	readonly mass?: Words;
	/** That are plural by themselves: "trousers", "two pairs of trousers". */
	readonly plural?: Words;
}
