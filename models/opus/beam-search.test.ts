import { describe, expect, it } from 'vitest';
import { beamSearch, type Continuation } from './beam-search.ts';

const end = 0;

/** A language by the probabilities of what may follow a text. */
function search(beams: number, longest: number, follow: (text: string) => Record<string, number>) {
	const lengths: number[] = [];
	const tokens = beamSearch({
		...{ beams, end, longest },
		async next(hypotheses) {
			lengths.push(hypotheses.length);
			return hypotheses.map(({ tokens }) => {
				const next = Object.entries(follow(tokens.join('')));
				const found = next.map(([token, probability]): Continuation => {
					return { token: Number(token), logProbability: Math.log(probability) };
				});
				return found.sort((a, b) => b.logProbability - a.logProbability).slice(0, 2 * beams);
			});
		}
	});
	return tokens.then((tokens) => ({ text: tokens.join(''), lengths }));
}

/** The likelier first word leads to less likely texts. */
const garden = (text: string): Record<string, number> => {
	if (text === '') return { 1: 0.6, 2: 0.4, 0: 1e-9 };
	if (text === '1') return { 3: 0.4, 4: 0.35, 0: 0.25 };
	if (text === '2') return { 5: 0.99, 6: 0.005, 0: 0.005 };
	return { 0: 0.98, 7: 0.02 };
};

describe('the search for the most probable text', () => {
	it('with one hypothesis takes the likeliest token each time', async () => {
		expect((await search(1, 10, garden)).text).toBe('13');
	});

	it('with more finds a better text behind a less likely beginning', async () => {
		expect((await search(3, 10, garden)).text).toBe('25');
	});

	it('begins with one hypothesis and follows no more than asked for', async () => {
		const { lengths } = await search(2, 10, garden);
		expect(lengths[0]).toBe(1);
		expect(Math.max(...lengths)).toBe(2);
	});

	it('ends what never ends by itself', async () => {
		expect((await search(2, 4, () => ({ 1: 0.7, 2: 0.3 }))).text).toBe('111');
	});

	it('may find that nothing is to be said', async () => {
		expect((await search(2, 4, () => ({ 0: 0.9, 1: 0.1 }))).text).toBe('');
	});

	it('fails as what it asks fails', async () => {
		const problem = new Error('stopped');
		const next = () => Promise.reject(problem);
		await expect(beamSearch({ beams: 2, end, longest: 4, next })).rejects.toBe(problem);
	});
});
