import { Tensor } from 'onnxruntime-common';
import { beamSearch, type Continuation } from './beam-search.ts';
import type { MarianConfig } from './config.ts';
import type { MarianNetworks } from './networks.ts';
import { mostTokens, type Tokenizer } from './tokenizer.ts';

/** Puts phrases into another language. */
export interface Translator {
	/**
	 * A phrase in the other language.
	 * @throws CodedError `words-empty`, `words-long`, `out-of-memory`; the signal's reason when it was aborted
	 */
	translate(words: string, signal?: AbortSignal): Promise<string>;
	dispose(): Promise<void>;
}

export interface TranslatorParts {
	readonly networks: MarianNetworks;
	readonly tokenizer: Tokenizer;
	readonly config: MarianConfig;
}

/** How many continuations of each hypothesis the decoder tells: enough for some to go on where others end. */
export function candidatesOf({ num_beams }: MarianConfig): number {
	return 2 * num_beams;
}

/** Makes a translator of a Marian model's networks, which it owns from here on. */
export function createTranslator({ networks, tokenizer, config }: TranslatorParts): Translator {
	return {
		async translate(words, signal) {
			const ids = tokenizer.encode(words);
			const text = tokenizer.decode(await translateTokens(networks, ids, config, { signal }));
			// Taught with sentences, it ends phrases like them.
			return /[.。]\s*$/.test(words) ? text : text.replace(/\.$/, '');
		},
		async dispose() {
			await Promise.all([networks.encoder.release(), networks.decoder.release()]);
		}
	};
}

/**
 * The tokens of a text's translation, without the one that ends it.
 * @param ids of the text, with the token that ends it
 * @param longest tokens of the translation at most, its end included
 */
export async function translateTokens(
	networks: MarianNetworks,
	ids: readonly number[],
	config: MarianConfig,
	{ longest = mostTokens, signal }: { longest?: number; signal?: AbortSignal } = {}
): Promise<readonly number[]> {
	const source = await encodeTokens(networks, ids);
	let past: Past | undefined;
	return beamSearch({
		beams: config.num_beams,
		end: config.eos_token_id,
		longest,
		async next(hypotheses) {
			signal?.throwIfAborted();
			const tokens = hypotheses.map(({ tokens }) => tokens.at(-1) ?? config.decoder_start_token_id);
			const parents = hypotheses.map(({ parent }) => parent);
			const place = hypotheses[0]!.tokens.length;
			const step = await decodeStep(networks, { tokens, parents, place, past, source }, config);
			past = step.present;
			return continuations(step);
		}
	});
}

/** What the decoder looks at of a text; see `graphs/encoder.ts`. */
export async function encodeTokens({ encoder }: MarianNetworks, ids: readonly number[]): Promise<Tensor> {
	const places = ids.map((_, place) => place);
	const shape = [1, ids.length];
	return (await encoder.run({ ids: integers(ids, shape), places: integers(places, shape) })).source!;
}

/** Keys and values of what was written so far; see `graphs/decoder.ts`. */
export type Past = Tensor;

export interface Step {
	/** The last token of each hypothesis, at the same place of all. */
	readonly tokens: readonly number[];
	readonly place: number;
	/** Which hypothesis of the step before each goes on from. */
	readonly parents: readonly number[];
	/** Of the step before; undefined at the beginning. */
	readonly past?: Past;
	readonly source: Tensor;
}

export interface StepResult {
	readonly next: Tensor;
	readonly logProbabilities: Tensor;
	readonly present: Past;
}

/** What may come next after each of several hypotheses; see `graphs/decoder.ts`. */
export async function decodeStep(
	{ decoder }: MarianNetworks,
	{ tokens, place, parents, past, source }: Step,
	{ d_model }: MarianConfig
): Promise<StepResult> {
	const { next, logProbabilities, present } = await decoder.run({
		tokens: integers(tokens, [tokens.length]),
		place: integers([place], [1]),
		parents: integers(parents, [parents.length]),
		past: past ?? new Tensor('float32', [], [source.dims[0]!, 1, 0, d_model]),
		source
	});
	return { next: next!, logProbabilities: logProbabilities!, present: present! };
}

function continuations({ next, logProbabilities }: StepResult): Continuation[][] {
	const [count, candidates] = next.dims as [number, number];
	const tokens = next.data as BigInt64Array;
	const values = logProbabilities.data as Float32Array;
	return Array.from({ length: count }, (_, row) =>
		Array.from({ length: candidates }, (_, column) => {
			const i = row * candidates + column;
			return { token: Number(tokens[i]), logProbability: values[i]! };
		})
	);
}

function integers(values: readonly number[], shape: readonly number[]): Tensor {
	return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}
