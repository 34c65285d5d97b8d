/** A token that may come next after a hypothesis. */
export interface Continuation {
	readonly token: number;
	/** The logarithm of its probability. */
	readonly logProbability: number;
}

/** Tokens of a text that is being written. */
export interface Hypothesis {
	readonly tokens: readonly number[];
	/** The sum of their logarithms of probability. */
	readonly score: number;
	/** Which hypothesis of the step before it goes on from. */
	readonly parent: number;
}

export interface BeamSearch {
	/** Hypotheses that are followed at a time. */
	readonly beams: number;
	/** The token that ends a text. */
	readonly end: number;
	/** Tokens of a text at most, its end included. */
	readonly longest: number;
	/**
	 * What may come next after each hypothesis, best first: 2·beams at least, so that enough go on where others end.
	 * @param hypotheses of one length
	 */
	next(hypotheses: readonly Hypothesis[]): Promise<readonly (readonly Continuation[])[]>;
}

/**
 * Finds the text whose tokens are the most probable on average, without trying all (as huggingface/transformers' `generate` with its
 * defaults: a text's score is the mean over its tokens; the search ends once as many texts as beams are complete and the best open one is
 * no better than the worst of them).
 * @returns its tokens, without the end
 */
export async function beamSearch({ beams, end, longest, next }: BeamSearch): Promise<readonly number[]> {
	let open: readonly Hypothesis[] = [{ tokens: [], score: 0, parent: 0 }];
	let complete: { tokens: readonly number[]; mean: number }[] = [];
	for (let length = 1; ; length++) {
		const candidates = extended(open, await next(open), 2 * beams);
		const ends = candidates.slice(0, beams).filter(({ tokens }) => tokens.at(-1) === end);
		for (const { tokens, score } of ends)
			complete.push({ tokens: tokens.slice(0, -1), mean: score / length });
		complete = complete.sort((a, b) => b.mean - a.mean).slice(0, beams);
		open = candidates.filter(({ tokens }) => tokens.at(-1) !== end).slice(0, beams);
		if (open.length === 0) break;
		const best = open[0]!;
		const isSettled = complete.length === beams && best.score / length <= complete.at(-1)!.mean;
		if (isSettled) break;
		if (length + 1 === longest) {
			// Whatever is open ends here, as it is.
			for (const { tokens, score } of open) complete.push({ tokens, mean: score / longest });
			break;
		}
	}
	return complete.reduce((best, text) => (text.mean > best.mean ? text : best)).tokens;
}

/** The best continuations of all hypotheses together, best first. */
function extended(
	open: readonly Hypothesis[],
	next: readonly (readonly Continuation[])[],
	count: number
): readonly Hypothesis[] {
	const all = open.flatMap(({ tokens, score }, parent) =>
		next[parent]!.map(({ token, logProbability }) => ({
			...{ tokens: [...tokens, token], score: score + logProbability, parent }
		}))
	);
	return all.sort((a, b) => b.score - a.score).slice(0, count);
}
