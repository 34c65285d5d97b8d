import { pieceTypes, type SentencePieceModel } from './file.ts';
import { createNormaliser } from './normalise.ts';

/** How much less probable than the least of all pieces a character is that none of them has (google/sentencepiece, src/unigram_model.cc). */
const UNKNOWN_PENALTY = 10;

/** The best way to a place: where its last piece begins, and whether that is a known one. */
interface Step {
	readonly score: number;
	readonly from: number;
	readonly known: boolean;
}

/** Cuts texts into a model's pieces: the most probable ones together (Kudo, 2018). */
export class Unigram {
	readonly #normalise: (text: string) => string;
	readonly #scores = new Map<string, number>();
	readonly #unknown: number;
	/** Characters of the longest piece. */
	readonly #longest: number;

	constructor(model: SentencePieceModel) {
		this.#normalise = createNormaliser(model);
		const normal = model.pieces.filter(({ type }) => type === pieceTypes.normal);
		const scores = normal.map(({ score }) => score);
		const best = scores.reduce((a, b) => Math.max(a, b));
		this.#unknown = scores.reduce((a, b) => Math.min(a, b)) - UNKNOWN_PENALTY;
		let longest = 1;
		for (const { text, score, type } of model.pieces) {
			const { length } = [...text];
			if (type === pieceTypes.normal) this.#scores.set(text, score);
			// What the model's makers put in themselves wins over all that was learned.
			else if (type === pieceTypes.userDefined) this.#scores.set(text, length * best - 0.1);
			else continue;
			longest = Math.max(longest, length);
		}
		this.#longest = longest;
	}

	/** A text's pieces; characters in a row that no piece has are one that the model does not know. */
	encode(text: string): string[] {
		const characters = [...this.#normalise(text)];
		const steps = this.#bestSteps(characters);
		const pieces: string[] = [];
		let wasKnown = true;
		for (let end = characters.length; end > 0;) {
			const { from, known } = steps[end]!;
			const piece = characters.slice(from, end).join('');
			if (!known && !wasKnown) pieces[0] = piece + pieces[0];
			else pieces.unshift(piece);
			wasKnown = known;
			end = from;
		}
		return pieces;
	}

	/** The best way to every place between two characters (Viterbi, 1967). */
	#bestSteps(characters: readonly string[]): readonly Step[] {
		const steps: Step[] = [{ score: 0, from: 0, known: true }];
		const offer = (end: number, step: Step) => {
			if (step.score > (steps[end]?.score ?? -Infinity)) steps[end] = step;
		};
		for (let from = 0; from < characters.length; from++) {
			const before = steps[from]!.score;
			let piece = '';
			for (let end = from + 1; end <= characters.length && end - from <= this.#longest; end++) {
				piece += characters[end - 1]!;
				const score = this.#scores.get(piece);
				if (score !== undefined) offer(end, { score: before + score, from, known: true });
				else if (end === from + 1) offer(end, { score: before + this.#unknown, from, known: false });
			}
		}
		return steps;
	}
}
