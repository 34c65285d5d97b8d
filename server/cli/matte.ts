import { mkdirSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import type { Mask } from '../../models/frame.ts';
import { encodeMask } from '../../models/mask.ts';
import { trackedBy, type SegmenterId } from '../../models/segmenters.ts';
import { localSegmenterSetup, localSetup } from '../engines/local-setup.ts';
import { runMatteJob } from '../engines/run-job.ts';
import { openClip } from '../media/index.ts';
import type { Keyframe } from '../protocol/schema.ts';
import { findOnFrame, readTargetFrame, type TargetOnFrame } from './find-target.ts';
import type { MatteCommand } from './matte-args.ts';
import { chooseSegmenter, describeRun, openSegmenter } from './open-segmenter.ts';
import type { Terminal } from './terminal.ts';

/**
 * Mattes a clip. What was written goes to the output, a line for each; the rest is told beside it.
 * @throws CodedError for what the user can be told; the signal's reason when it was interrupted
 */
export async function matte(command: MatteCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
	const clip = resolve(command.clip);
	const { engine } = command;
	const segmenter = await chooseSegmenter(command.target);
	const keyframe = await makeKeyframe(clip, command, segmenter, terminal, signal);
	const directory = resolve(command.out);
	mkdirSync(directory, { recursive: true });

	const bar = terminal.progressBar();
	const tracks = trackedBy({ engine, segmenter }) !== undefined;
	const outcome = await runMatteJob(
		{
			...{ clip, directory, engine, segmenter, keyframes: [keyframe] },
			name: parse(clip).name,
			setup: await localSetup(engine),
			segmenterSetup: tracks ? await localSegmenterSetup(segmenter) : undefined,
			options: command.options,
			outputs: [...command.outputs]
		},
		{ signal, onProgress: (progress) => command.quiet || bar.update(progress) }
	).finally(() => bar.end());

	for (const notice of outcome.notices) terminal.tell(terminal.words.notice(notice));
	for (const { file } of outcome.results) terminal.print(join(command.out, file));
	const { provider, precision, frames, seconds } = outcome.record;
	const how = [engine, 'on', provider, ...(precision ? [`in ${precision}`] : [])].join(' ');
	const tracked = outcome.record.segmenter ? `, tracked by ${outcome.record.segmenter}` : '';
	terminal.tell(`${frames} frames in ${seconds.toFixed(1)} s with ${how}${tracked}`);
}

/** The frame that the user spoke of, with the mask that was given or is made of what was said. */
async function makeKeyframe(
	file: string,
	{ target: args }: MatteCommand,
	segmenter: SegmenterId,
	terminal: Terminal,
	signal: AbortSignal
): Promise<Keyframe> {
	const clip = await openClip(file);
	try {
		const target = await readTargetFrame(clip, args, signal);
		const isAnswer = target.mask && target.prompts.length === 0;
		const mask = isAnswer ? target.mask! : await makeMask(target, segmenter, terminal, signal);
		return { time: target.frame.time, mask: encodeMask(mask) };
	} finally {
		clip.close();
	}
}

async function makeMask(
	target: TargetOnFrame,
	id: SegmenterId,
	terminal: Terminal,
	signal: AbortSignal
): Promise<Mask> {
	const { segmenter, run } = await openSegmenter(id);
	const found = await findOnFrame(target, segmenter, signal);
	if (target.concept && target.match === undefined) {
		const other = found.length > 1 ? '; the surest is taken, --match N takes another' : '';
		terminal.tell(`Found ${found.length}${other}`);
	}
	terminal.tell(`The target's mask was made by ${describeRun(run)}`);
	return found[0]!.mask;
}
