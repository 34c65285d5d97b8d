import { z } from 'zod';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import { engineInfo, engines, type EngineId } from '../../models/registry.ts';
import { matteOptions, outputKind, type OutputKind } from '../protocol/schema.ts';
import { choice, flag, numbers, readOptions, text, UsageError } from './args.ts';
import { readTarget, segmenterUsage, targetOptions, targetUsage, type TargetArgs } from './target-args.ts';

/** The engines that run in this program; the others run in a browser. */
const serverEngines = engines.filter(({ places }) => places.includes('server')).map(({ id }) => id);
const upstream = defaultMatAnyoneOptions;

export const matteUsage = `Usage: splazmatte matte CLIP (--point X,Y | --box X,Y,W,H | --mask FILE | --text WORDS | --example X,Y,W,H) [options]

Cuts a target out of a clip and writes NAME_alpha.mp4, NAME_foreground.mp4 and NAME_preview.mp4.

${targetUsage}
  --match N           which of the things that were found is meant, from 1 (the surest, and the default)

How:
  --engine NAME       ${serverEngines.join(', ')} (default classic)
${segmenterUsage}
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
  --quiet             no progress bar`;

export interface MatteCommand {
	readonly name: 'matte';
	readonly clip: string;
	readonly target: TargetArgs;
	readonly engine: EngineId;
	readonly options: MatteOptions;
	readonly out: string;
	readonly outputs: readonly OutputKind[];
	readonly quiet: boolean;
}

/**
 * Reads the words behind `matte`.
 * @throws UsageError
 */
export function readMatte(argv: readonly string[]): MatteCommand {
	const { clip, values } = readOptions(argv, {
		...targetOptions,
		engine: text,
		'edge-radius': text,
		grow: text,
		feather: text,
		gamma: text,
		warmup: text,
		erode: text,
		dilate: text,
		'max-size': text,
		crop: flag,
		'mem-every': text,
		'max-mem-frames': text,
		'allow-smaller': flag,
		out: text,
		format: text,
		quiet: flag
	});
	const target = readTarget(values);
	const engine = choice(z.enum(serverEngines), values.engine ?? 'classic', '--engine');
	return {
		...{ name: 'matte', clip, target, engine },
		options: options(values, engine),
		out: values.out ?? '.',
		outputs: outputs(values.format ?? ''),
		quiet: values.quiet ?? false
	};
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
