import { parseArgs } from 'node:util';
import { z } from 'zod';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import { engineInfo, engines, type EngineId } from '../../models/registry.ts';
import type { Prompt } from '../../models/segmenter.ts';
import { matteOptions, outputKind, type OutputKind } from '../protocol/schema.ts';

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

/** The engines that run in this program; the others run in a browser. */
const serverEngines = engines.filter(({ places }) => places.includes('server')).map(({ id }) => id);
const upstream = defaultMatAnyoneOptions;

export const usage = `Usage: splazmatte matte CLIP (--mask FILE | --point X,Y | --box X,Y,W,H) [options]

Cuts a target out of a clip and writes NAME_alpha.mp4, NAME_foreground.mp4 and NAME_preview.mp4.

What to cut out, on one frame of the clip (pixels of the upright picture, from the top left):
  --mask FILE         a mask of the clip's size: white is the target (PNG, or any picture)
  --point X,Y         a point on the target; may be given more than once
  --negative X,Y      a point that is not on the target; may be given more than once
  --box X,Y,W,H       a box around the target
  --frame N           the frame that they belong to, from 0 (default 0)

How:
  --engine NAME       ${serverEngines.join(', ')} (default classic)
  --feather N         blurs the finished alpha by this radius (default ${defaultMatteOptions.feather})
  --gamma N           below 1 fills thin parts of the alpha, above 1 thins them (default ${defaultMatteOptions.gamma})

With the classic engine:
  --edge-radius N     half the width of the soft band along the edge, in pixels (default ${defaultMatteOptions.edgeRadius})
  --grow N            grows the mask, or shrinks it when negative (default ${defaultMatteOptions.grow})

With MatAnyone (get its weights with: npm run models -- pull matanyone2):
  --warmup N          how often the first frame is predicted again first (default ${upstream.warmup})
  --erode N           shrinks the mask by this diameter, after it was grown (default ${upstream.erode})
  --dilate N          grows the mask by this diameter (default ${upstream.dilate})
  --max-size N        the shorter side to work at, in pixels, at most (default: the clip's own)
  --crop              work on the target's surroundings only
  --mem-every N       frames from one memory frame to the next (default ${upstream.memEvery})
  --max-mem-frames N  frames in the memory, the first one included (default ${upstream.maxMemFrames})
  --allow-smaller     work at a smaller size when memory is short

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
	readonly engine: EngineId;
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

	const engine = choice(z.enum(serverEngines), values.engine ?? 'classic', '--engine');
	return {
		clip,
		mask: values.mask,
		prompts,
		frame: whole(values.frame ?? '0', '--frame'),
		engine,
		options: options(values, engine),
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
				warmup: string,
				erode: string,
				dilate: string,
				'max-size': string,
				crop: { type: 'boolean' },
				'mem-every': string,
				'max-mem-frames': string,
				'allow-smaller': { type: 'boolean' },
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

/** The options that only some engines heed; those of another engine are refused, rather than left unheeded. */
const classicOptions = ['edge-radius', 'grow'] as const;
const matAnyoneNumbers = ['warmup', 'erode', 'dilate', 'max-size', 'mem-every', 'max-mem-frames'] as const;
const matAnyoneFlags = ['crop', 'allow-smaller'] as const;

type NumberOption = (typeof classicOptions | typeof matAnyoneNumbers)[number] | 'feather' | 'gamma';
type FlagOption = (typeof matAnyoneFlags)[number];
type OptionValues = { readonly [name in NumberOption]?: string } & {
	readonly [name in FlagOption]?: boolean;
};

function options(values: OptionValues, engine: EngineId): MatteOptions {
	const isMatAnyone = engineInfo(engine).model !== undefined;
	const foreign = isMatAnyone ? classicOptions : [...matAnyoneNumbers, ...matAnyoneFlags];
	for (const name of foreign) {
		if (values[name] !== undefined) throw new UsageError(`--${name} means nothing to the engine ${engine}.`);
	}
	const number = (name: NumberOption) => {
		const text = values[name];
		return text === undefined ? undefined : numbers(text, `--${name}`, 1)[0];
	};
	const parsed = matteOptions.safeParse({
		edgeRadius: number('edge-radius'),
		grow: number('grow'),
		feather: number('feather'),
		gamma: number('gamma'),
		matanyone: isMatAnyone
			? {
					warmup: number('warmup'),
					erode: number('erode'),
					dilate: number('dilate'),
					maxSize: number('max-size'),
					crop: values.crop,
					memEvery: number('mem-every'),
					maxMemFrames: number('max-mem-frames'),
					allowSmaller: values['allow-smaller']
				}
			: undefined
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
