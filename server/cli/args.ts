import { parseArgs } from 'node:util';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import type { Prompt } from '../../models/segmenter.ts';
import { engineId, matteOptions, outputKind, type OutputKind } from '../protocol/schema.ts';

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

export const usage = `Usage: splazmatte matte CLIP (--mask FILE | --point X,Y | --box X,Y,W,H) [options]

Cuts a target out of a clip and writes NAME_alpha.mp4, NAME_foreground.mp4 and NAME_preview.mp4.

What to cut out, on one frame of the clip (pixels of the upright picture, from the top left):
  --mask FILE         a mask of the clip's size: white is the target (PNG, or any picture)
  --point X,Y         a point on the target; may be given more than once
  --negative X,Y      a point that is not on the target; may be given more than once
  --box X,Y,W,H       a box around the target
  --frame N           the frame that they belong to, from 0 (default 0)

How:
  --engine NAME       ${engineId.options.join(', ')} (default classic)
  --edge-radius N     half the width of the soft band along the edge, in pixels (default ${defaultMatteOptions.edgeRadius})
  --grow N            grows the mask, or shrinks it when negative (default ${defaultMatteOptions.grow})
  --feather N         blurs the finished alpha by this radius (default ${defaultMatteOptions.feather})
  --gamma N           below 1 fills thin parts of the alpha, above 1 thins them (default ${defaultMatteOptions.gamma})

What to write:
  --out DIR           where (default: the current folder)
  --format LIST       more outputs, with commas: png (RGBA sequence in a zip), prores (4444 with alpha), webm (VP9 with alpha)
  --quiet             no progress bar

Exit status: 0 done, 1 failed, 2 the command line is wrong, 130 interrupted.`;

export interface MatteCommand {
	readonly clip: string;
	readonly mask: string | undefined;
	readonly prompts: readonly Prompt[];
	readonly frame: number;
	readonly engine: 'classic';
	readonly options: MatteOptions;
	readonly out: string;
	readonly outputs: readonly OutputKind[];
	readonly quiet: boolean;
}

/**
 * Reads the command line of `splazmatte`, without the program's name.
 * @returns undefined when help was asked for
 * @throws UsageError
 */
export function parseCommand(argv: readonly string[]): MatteCommand | undefined {
	const { values, positionals } = parse(argv);
	if (values.help) return undefined;
	const [command, clip, ...rest] = positionals;
	if (command !== 'matte')
		throw new UsageError(command ? `There is no command "${command}".` : 'No command was given.');
	if (!clip) throw new UsageError('No clip was named.');
	if (rest.length > 0) throw new UsageError(`One clip at a time: "${rest[0]}" is too much.`);

	const prompts: Prompt[] = [
		...(values.point ?? []).map((text) => point(text, '--point', true)),
		...(values.negative ?? []).map((text) => point(text, '--negative', false)),
		...(values.box ? [box(values.box)] : [])
	];
	const positive = prompts.some((prompt) => prompt.kind === 'box' || prompt.positive);
	if (values.mask === undefined && !positive)
		throw new UsageError('Say what to cut out: --mask, --point or --box.');
	if (values.mask !== undefined && prompts.length > 0)
		throw new UsageError('Give a mask or prompts, not both.');

	return {
		clip,
		mask: values.mask,
		prompts,
		frame: whole(values.frame ?? '0', '--frame'),
		engine: choice(engineId, values.engine ?? 'classic', '--engine'),
		options: options(values),
		out: values.out ?? '.',
		outputs: outputs(values.format ?? ''),
		quiet: values.quiet ?? false
	};
}

function parse(argv: readonly string[]) {
	const string = { type: 'string' } as const;
	const strings = { type: 'string', multiple: true } as const;
	try {
		return parseArgs({
			args: joinNegative(argv),
			allowPositionals: true,
			options: {
				mask: string,
				point: strings,
				negative: strings,
				box: string,
				frame: string,
				engine: string,
				'edge-radius': string,
				grow: string,
				feather: string,
				gamma: string,
				out: string,
				format: string,
				quiet: { type: 'boolean' },
				help: { type: 'boolean', short: 'h' }
			}
		});
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

function numbers(text: string, name: string, count: number): number[] {
	const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
	if (values.length !== count || values.some((value) => !Number.isFinite(value))) {
		throw new UsageError(
			`${name} takes ${count} number${count > 1 ? 's with commas between' : ''}, not "${text}".`
		);
	}
	return values;
}

function whole(text: string, name: string): number {
	const [value] = numbers(text, name, 1);
	if (!Number.isInteger(value) || value! < 0)
		throw new UsageError(`${name} takes a whole number from 0, not "${text}".`);
	return value!;
}

function point(text: string, name: string, positive: boolean): Prompt {
	const [x, y] = numbers(text, name, 2) as [number, number];
	return { kind: 'point', x, y, positive };
}

function box(text: string): Prompt {
	const [x, y, width, height] = numbers(text, '--box', 4) as [number, number, number, number];
	if (width <= 0 || height <= 0) throw new UsageError('--box needs a width and height above 0.');
	return { kind: 'box', x, y, width, height };
}

type OptionTexts = { readonly [name in 'edge-radius' | 'grow' | 'feather' | 'gamma']?: string };

function options(values: OptionTexts): MatteOptions {
	const number = (name: keyof OptionTexts) => {
		const text = values[name];
		return text === undefined ? undefined : numbers(text, `--${name}`, 1)[0];
	};
	const parsed = matteOptions.safeParse({
		edgeRadius: number('edge-radius'),
		grow: number('grow'),
		feather: number('feather'),
		gamma: number('gamma')
	});
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0]!;
	throw new UsageError(`${issue.path.join('.')}: ${issue.message}`);
}

function outputs(format: string): OutputKind[] {
	const named = format
		.split(',')
		.map((kind) => kind.trim())
		.filter((kind) => kind !== '')
		.map((kind) => choice(outputKind, kind, '--format'));
	return [...new Set<OutputKind>(['alpha', 'foreground', 'preview', ...named])];
}

interface Choice<T extends string> {
	readonly options: readonly T[];
	safeParse(value: unknown): { success: true; data: T } | { success: false };
}

function choice<T extends string>(schema: Choice<T>, value: string, name: string): T {
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw new UsageError(`${name}: "${value}" is none of ${schema.options.join(', ')}.`);
	return parsed.data;
}
