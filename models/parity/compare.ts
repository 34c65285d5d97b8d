import type { FloatType, GraphDefinition } from '../onnx/types.ts';
import type { Network } from '../runtime.ts';
import type { ParityFile } from './parity-file.ts';

/** One answer that was computed again, under its name in the file. */
export interface Answer {
	readonly name: string;
	/** Whole, row-major: the file may hold a sample of it. */
	readonly values: ArrayLike<number>;
}

/** How far answers may lie apart; what is left out is not judged. */
export interface Tolerance {
	readonly largest?: number;
	readonly mean?: number;
	/** Of the mean as a part of how large the answers are (their root mean square), where that is above 1; else as `mean`. */
	readonly relative?: number;
}

export interface Comparison {
	readonly name: string;
	/** Of the absolute differences. NaN where the answers cannot be compared: their counts differ, or the file's was never computed. */
	readonly largest: number;
	readonly mean: number;
	readonly tolerance?: Tolerance;
	/** Never where one of the numbers is not finite; undefined where nothing is expected of them. */
	readonly within?: boolean;
}

/** How a model's parity files are computed again. */
export interface ParityModel {
	/** Of the n elements of an answer, the file holds every max(1, floor(n / cap))th. */
	cap(name: string): number;
	/** How near an answer must come; undefined where nothing can be expected of it. */
	tolerance(name: string, options: ParityOptions): Tolerance | undefined;
	/** Computes answers; those that the file lacks may be among them. */
	answers(file: ParityFile, open: OpenGraphs, options: ParityOptions): AsyncIterable<Answer>;
}

/** Loads graphs over the file's weights. */
export type OpenGraphs = <Name extends string>(
	graphs: Readonly<Record<Name, GraphDefinition>>
) => Promise<Record<Name, Network>>;

export interface ParityOptions {
	readonly precision: FloatType;
	/** Columns that share a scale, where large matrices are to be kept in 4 bits; for models that can be. */
	readonly blockSize?: number;
	/** How many frames of the clip are computed at most; all when left out. */
	readonly frames?: number;
}

/** Compares what our graphs answer with every tensor of a file, as it comes; where all frames were asked for, what was never answered follows. */
export async function* compare(
	file: ParityFile,
	model: ParityModel,
	open: OpenGraphs,
	options: ParityOptions
): AsyncGenerator<Comparison> {
	const missing = new Set(file.names);
	for await (const { name, values } of model.answers(file, open, options)) {
		const expected = await file.read(name);
		if (!expected) continue;
		missing.delete(name);
		yield judge(name, expected, sample(values, model.cap(name)), model.tolerance(name, options));
	}
	if (options.frames !== undefined) return;
	for (const name of missing) {
		const tolerance = model.tolerance(name, options);
		yield { name, largest: NaN, mean: NaN, tolerance, within: false };
	}
}

function judge(
	name: string,
	expected: ArrayLike<number>,
	found: ArrayLike<number>,
	tolerance: Tolerance | undefined
): Comparison {
	const { largest, mean } = difference(expected, found);
	if (!tolerance) return { name, largest, mean };
	const scale = Math.max(1, rootMeanSquare(expected));
	const within =
		Number.isFinite(largest) &&
		largest <= (tolerance.largest ?? Infinity) &&
		mean <= (tolerance.mean ?? Infinity) &&
		mean / scale <= (tolerance.relative ?? Infinity);
	return { name, largest, mean, tolerance, within };
}

function rootMeanSquare(values: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
	return Math.sqrt(sum / values.length);
}

function sample(values: ArrayLike<number>, cap: number): ArrayLike<number> {
	const step = Math.max(1, Math.floor(values.length / cap));
	if (step === 1) return values;
	return Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]!);
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): { largest: number; mean: number } {
	if (a.length !== b.length) return { largest: NaN, mean: NaN };
	let largest = 0;
	let sum = 0;
	for (let i = 0; i < a.length; i++) {
		const d = Math.abs(a[i]! - b[i]!);
		largest = Math.max(largest, d);
		sum += d;
	}
	return { largest, mean: sum / a.length };
}
