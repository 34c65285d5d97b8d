import { flag, readOptions, text, UsageError, whole } from './args.ts';
import { readTarget, segmenterUsage, targetOptions, targetUsage, type TargetArgs } from './target-args.ts';

export const segmentUsage = `Usage: splazmatte segment CLIP (--point X,Y | --box X,Y,W,H | --mask FILE | --text WORDS | --example X,Y,W,H) [options]

Writes masks: NAME_mask.png for a target on one frame; where a description finds several, NAME_mask_1.png and on, surest first. With
--track, one for every frame, NAME_masks/1/000000.png and on, in a folder for each target. They are grey, 8 bits; 255 is the target.

${targetUsage}
  --match N           only the one of the things that were found, from 1 (the surest); all of them when left out

How:
  --track             follow it through the clip, forward and backward; a description is looked for on every frame
  --from N, --to N    with --track: the first and the last frame that are wanted (default: the whole clip)
  --all               with prompts: every reading of them, NAME_mask_1.png (the likeliest) and on
${segmenterUsage}

What to write:
  --out DIR           where (default: the current folder)
  --quiet             no progress bar`;

export interface SegmentCommand {
	readonly name: 'segment';
	readonly clip: string;
	readonly target: TargetArgs;
	/** Absent for the one frame only. */
	readonly track?: { readonly from: number; readonly to?: number };
	/** All readings of prompts, not the best alone. */
	readonly all: boolean;
	readonly out: string;
	readonly quiet: boolean;
}

/**
 * Reads the words behind `segment`.
 * @throws UsageError
 */
export function readSegment(argv: readonly string[]): SegmentCommand {
	const { clip, values } = readOptions(argv, {
		...targetOptions,
		track: flag,
		from: text,
		to: text,
		all: flag,
		out: text,
		quiet: flag
	});
	const target = readTarget(values);
	const { track: isTracked = false, all = false } = values;
	if (!isTracked && (values.from !== undefined || values.to !== undefined))
		throw new UsageError('--from and --to go with --track.');
	if (!isTracked && target.mask !== undefined && target.prompts.length === 0)
		throw new UsageError('A mask alone is its own answer: add --track, or points that correct it.');
	if (all && (isTracked || target.concept))
		throw new UsageError(
			'--all is for prompts on one frame; of a description, all that is found is written anyway.'
		);
	const from = whole(values.from ?? '0', '--from');
	const to = values.to === undefined ? undefined : whole(values.to, '--to', from);
	return {
		...{ name: 'segment', clip, target, all },
		track: isTracked ? { from, to } : undefined,
		out: values.out ?? '.',
		quiet: values.quiet ?? false
	};
}
