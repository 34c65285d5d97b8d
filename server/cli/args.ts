import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

export type OptionTypes = NonNullable<ParseArgsConfig['options']>;

export const text = { type: 'string' } as const;
export const texts = { type: 'string', multiple: true } as const;
export const flag = { type: 'boolean' } as const;

/**
 * Reads a command's options and the one clip that it is about.
 * @throws UsageError
 */
export function readOptions<const T extends OptionTypes>(argv: readonly string[], options: T) {
	const { values, positionals } = parse(argv, options);
	const [clip, ...rest] = positionals;
	if (!clip) throw new UsageError('No clip was named.');
	if (rest.length > 0) throw new UsageError(`One clip at a time: "${rest[0]}" is too much.`);
	return { clip, values };
}

function parse<const T extends OptionTypes>(argv: readonly string[], options: T) {
	try {
		return parseArgs({ args: joinNegative(argv), allowPositionals: true, options });
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

/** Lets `--grow -3` be written as people write it; parseArgs alone wants `--grow=-3`. */
function joinNegative(argv: readonly string[]): string[] {
	const joined: string[] = [];
	for (const word of argv) {
		const last = joined.at(-1);
		if (/^-[\d.]/.test(word) && last?.startsWith('--') && !last.includes('=')) {
			joined[joined.length - 1] = `${last}=${word}`;
		} else joined.push(word);
	}
	return joined;
}

/** Numbers with commas between. */
export function numbers(text: string, name: string, count: number): number[] {
	const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
	if (values.length !== count || values.some((value) => !Number.isFinite(value))) {
		throw new UsageError(
			`${name} takes ${count} number${count > 1 ? 's with commas between' : ''}, not "${text}".`
		);
	}
	return values;
}

export function whole(text: string, name: string, from = 0): number {
	const [value] = numbers(text, name, 1);
	if (!Number.isInteger(value) || value! < from)
		throw new UsageError(`${name} takes a whole number from ${from}, not "${text}".`);
	return value!;
}

interface Choice<T extends string> {
	readonly options: readonly T[];
	safeParse(value: unknown): { success: true; data: T } | { success: false };
}

export function choice<T extends string>(schema: Choice<T>, value: string, name: string): T {
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw new UsageError(`${name}: "${value}" is none of ${schema.options.join(', ')}.`);
	return parsed.data;
}
