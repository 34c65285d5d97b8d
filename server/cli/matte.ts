import { mkdirSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import type { Mask } from '../../models/frame.ts';
import { encodeMask } from '../../models/mask.ts';
import { trackedBy, type SegmenterId } from '../../models/segmenters.ts';
import { releaseSegmenter } from '../engines/load-segmenter.ts';
import { localSegmenterSetup, localSetup } from '../engines/local-setup.ts';
import { runMatteJob } from '../engines/run-job.ts';
import { openClip } from '../media/index.ts';
import type { SegmenterRun } from '../protocol/prompts.ts';
import type { Keyframe } from '../protocol/schema.ts';
import { inEnglish } from './english.ts';
import { findOnFrame, readTargetFrame, type TargetOnFrame } from './find-target.ts';
import { readGivenMasks } from './given-masks.ts';
import type { MatteCommand } from './matte-args.ts';
import { chooseSegmenter, noticesOf, openSegmenter } from './open-segmenter.ts';
import type { TargetArgs } from './target-args.ts';
import type { Terminal } from './terminal.ts';

/**
 * Mattes a clip. What was written goes to the output, a line for each; the rest is told beside it.
 * @throws CodedError for what the user can be told; the signal's reason when it was interrupted
 */
export async function matte(command: MatteCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
	const clip = resolve(command.clip);
	const { engine } = command;
	const { words } = terminal;
	const { keyframes, segmenter, run } = await readKeyframes(clip, command, terminal, signal);
	const tracks = segmenter !== undefined && trackedBy({ engine, segmenter }) !== undefined;
	if (!tracks) await releaseSegmenter();
	const directory = resolve(command.out);
	mkdirSync(directory, { recursive: true });

	const bar = terminal.progressBar();
	const outcome = await runMatteJob(
		{
			...{ clip, directory, engine, segmenter, keyframes },
			name: parse(clip).name,
			setup: await localSetup(engine),
			segmenterSetup: tracks ? await localSegmenterSetup(segmenter) : undefined,
			options: command.options,
			outputs: [...command.outputs]
		},
		{ signal, onProgress: (progress) => command.quiet || bar.update(progress) }
	).finally(() => bar.end());

	const notices = [...(run ? noticesOf(run) : []), ...outcome.notices];
	// A segmenter that also tracked says the same twice.
	for (const line of new Set(notices.map((notice) => words.notice(notice)))) terminal.tell(line);
	for (const { file } of outcome.results) terminal.print(join(command.out, file));
	const { record } = outcome;
	const facts = {
		frames: record.frames,
		seconds: record.seconds.toFixed(1),
		run: words.ran(engine, record)
	};
	terminal.tell(
		record.segmenter && segmenter
			? words.say('matted-tracked', { ...facts, segmenter: record.segmenter })
			: words.say('matted', facts)
	);
}

/** What the engine goes by, and the segmenter that makes it, or what follows from it, where masks are not given of every frame. */
interface Keyframes {
	readonly keyframes: Keyframe[];
	readonly segmenter?: SegmenterId;
	/** Where a mask was made already. */
	readonly run?: SegmenterRun;
}

async function readKeyframes(
	file: string,
	{ target, engine, options }: MatteCommand,
	terminal: Terminal,
	signal: AbortSignal
): Promise<Keyframes> {
	if (!('masks' in target)) return makeKeyframe(file, target, terminal, signal);
	const clip = await openClip(file);
	try {
		const soft = options.videomama?.soft ?? false;
		return { keyframes: await readGivenMasks(target.masks, clip, { engine, soft, signal }) };
	} finally {
		clip.close();
	}
}

/** The frame that the user spoke of, with the mask that was given or is made of what was said, by a segmenter that is told of. */
async function makeKeyframe(
	file: string,
	args: TargetArgs,
	terminal: Terminal,
	signal: AbortSignal
): Promise<Keyframes> {
	const segmenter = await chooseSegmenter(args);
	const clip = await openClip(file);
	try {
		const target = await readTargetFrame(clip, await inEnglish(args, terminal, signal), signal);
		const isAnswer = target.mask && target.prompts.length === 0;
		const { mask, run } = isAnswer
			? { mask: target.mask! }
			: await makeMask(target, segmenter, terminal, signal);
		return { keyframes: [{ time: target.frame.time, mask: encodeMask(mask) }], segmenter, run };
	} finally {
		clip.close();
	}
}

async function makeMask(
	target: TargetOnFrame,
	id: SegmenterId,
	{ tell, words }: Terminal,
	signal: AbortSignal
): Promise<{ mask: Mask; run: SegmenterRun }> {
	const { segmenter, run } = await openSegmenter(id);
	const found = await findOnFrame(target, segmenter, signal);
	if (target.concept && target.match === undefined)
		tell(words.say(found.length > 1 ? 'found-more' : 'found', { found: found.length }));
	tell(words.say('mask-made', { run: words.ran(run.segmenter, run) }));
	return { mask: found[0]!.mask, run };
}
