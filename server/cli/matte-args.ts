import { z } from 'zod';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import { engineInfo, engines, type EngineId } from '../../models/registry.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import { matteOptions, outputKind, type OutputKind } from '../protocol/schema.ts';
import { choice, flag, numbers, readOptions, text, UsageError } from './args.ts';
import { readTarget, segmenterUsage, targetOptions, targetUsage, type TargetArgs } from './target-args.ts';

/** The engines that run in this program; the others run in a browser. */
const serverEngines = engines.filter(({ places }) => places.includes('server')).map(({ id }) => id);
const upstream = defaultMatAnyoneOptions;
const videomama = defaultVideoMaMaOptions;

export const matteUsage = `Usage: splazmatte matte CLIP (--point X,Y | --box X,Y,W,H | --mask FILE | --text WORDS | --example X,Y,W,H | --masks PATH) [options]

Cuts a target out of a clip and writes NAME_alpha.mp4, NAME_foreground.mp4 and NAME_preview.mp4.

${targetUsage}
  --match N           which of the things that were found is meant, from 1 (the surest, and the default)
or by masks of the clip's frames that were made elsewhere:
  --masks PATH        a folder of PNG (8 or 16 bits) or OpenEXR files, by their numbers, or a video; white, or what is not
                      transparent, is the target. One for every frame; MatAnyone takes the first on which the target is seen

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

With VideoMaMa (get its weights with: npm run models -- pull videomama):
  --max-size N        the longer side to work at, in pixels, a multiple of 64 (default ${videomama.maxSize})
  --window N          frames that it sees together (default ${videomama.window})
  --overlap N         frames that windows share (default ${videomama.overlap})
  --soft              takes --masks with their soft edges
  --crop              work on the target's surroundings only
  --seed N            of its noise (default ${videomama.seed})
  --allow-smaller     work with a smaller preset when memory is short

What to write:
  --out DIR           where (default: the current folder)
  --format LIST       more outputs, with commas: png (RGBA sequence in a zip), prores (4444 with alpha), webm (VP9 with alpha)
  --quiet             no progress bar`;

export interface MatteCommand {
	readonly name: 'matte';
	readonly clip: string;
	/** What is to be cut out, or the place of masks that say so. */
	readonly target: TargetArgs | { readonly masks: string };
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
		masks: text,
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
		window: text,
		overlap: text,
		soft: flag,
		seed: text,
		'allow-smaller': flag,
		out: text,
		format: text,
		quiet: flag
	});
	const target = values.masks === undefined ? readTarget(values) : readMasks(values.masks, values);
	const engine = choice(z.enum(serverEngines), values.engine ?? 'classic', '--engine');
	return {
		...{ name: 'matte', clip, target, engine },
		options: options(values, engine),
		out: values.out ?? '.',
		outputs: outputs(values.format ?? ''),
		quiet: values.quiet ?? false
	};
}

/** @throws UsageError where something else says what is meant, too */
function readMasks(masks: string, values: Readonly<Record<string, unknown>>): { masks: string } {
	const other = Object.keys(targetOptions).find((name) => values[name] !== undefined);
	if (other)
		throw new UsageError(`--masks says what is meant on every frame, so --${other} has no place beside it.`);
	return { masks };
}

/** The options that each kind of engine heeds; those of another one are refused, rather than left unheeded. */
const heeded = {
	classic: { numbers: ['edge-radius', 'grow'], flags: [] },
	matanyone: {
		numbers: ['warmup', 'erode', 'dilate', 'max-size', 'mem-every', 'max-mem-frames'],
		flags: ['crop', 'allow-smaller']
	},
	videomama: { numbers: ['max-size', 'window', 'overlap', 'seed'], flags: ['crop', 'soft', 'allow-smaller'] }
} as const;

type Kind = keyof typeof heeded;
type NumberOption = (typeof heeded)[Kind]['numbers'][number] | 'feather' | 'gamma';
type FlagOption = (typeof heeded)[Kind]['flags'][number];
type OptionValues = { readonly [name in NumberOption]?: string } & {
	readonly [name in FlagOption]?: boolean;
};

function kindOf(engine: EngineId): Kind {
	const { model } = engineInfo(engine);
	if (!model) return 'classic';
	return model === 'videomama' ? 'videomama' : 'matanyone';
}

function options(values: OptionValues, engine: EngineId): MatteOptions {
	const kind = kindOf(engine);
	const own: readonly string[] = [...heeded[kind].numbers, ...heeded[kind].flags];
	const all = Object.values(heeded).flatMap(({ numbers, flags }) => [...numbers, ...flags]);
	for (const name of all) {
		const isForeign = !own.includes(name) && values[name] !== undefined;
		if (isForeign) throw new UsageError(`--${name} means nothing to the engine ${engine}.`);
	}
	const number = (name: NumberOption) => {
		const text = values[name];
		return text === undefined ? undefined : numbers(text, `--${name}`, 1)[0];
	};
	const shared = { maxSize: number('max-size'), crop: values.crop, allowSmaller: values['allow-smaller'] };
	const parsed = matteOptions.safeParse({
		edgeRadius: number('edge-radius'),
		grow: number('grow'),
		feather: number('feather'),
		gamma: number('gamma'),
		matanyone:
			kind === 'matanyone'
				? {
						...shared,
						warmup: number('warmup'),
						erode: number('erode'),
						dilate: number('dilate'),
						memEvery: number('mem-every'),
						maxMemFrames: number('max-mem-frames')
					}
				: undefined,
		videomama:
			kind === 'videomama'
				? {
						...shared,
						window: number('window'),
						overlap: number('overlap'),
						soft: values.soft,
						seed: number('seed')
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
