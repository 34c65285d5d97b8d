import { expect, it } from 'vitest';
import { asPhrase } from './as-phrase.ts';

it('makes phrases of sentences', () => {
	expect(asPhrase('The man in red.')).toBe('man in red');
	expect(asPhrase('A T-shirt')).toBe('T-shirt');
	expect(asPhrase('LED lamp')).toBe('LED lamp');
	expect(asPhrase(' People wearing red clothes。')).toBe('people wearing red clothes');
});
