import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createClassicSegmenter } from '../../models/classic/index.ts';
import { encodeMask } from '../../models/mask.ts';
import type { Mask } from '../../models/frame.ts';
import { localSetup } from '../engines/local-setup.ts';
import { runMatteJob } from '../engines/run-job.ts';
import { openClip, readMaskFile, type TimedFrame } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import type { Keyframe } from '../protocol/schema.ts';
import { parseCommand, usage, UsageError, type MatteCommand } from './args.ts';
import { ProgressBar } from './progress-bar.ts';
import { Words } from './words.ts';

const status = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
	const words = new Words();
	const interrupt = new AbortController();
	process.once('SIGINT', () => interrupt.abort());
	process.once('SIGTERM', () => interrupt.abort());
	try {
		const command = parseCommand(argv);
		if (!command) console.log(usage);
		else await matte(command, words, interrupt.signal);
		return status.done;
	} catch (error) {
		if (interrupt.signal.aborted) {
			console.error('Interrupted; nothing was written.');
			return status.interrupted;
		}
		if (error instanceof UsageError) {
			console.error(`${error.message}\n\n${usage}`);
			return status.usage;
		}
		console.error(words.error(error));
		return status.failed;
	}
}

async function matte(command: MatteCommand, words: Words, signal: AbortSignal): Promise<void> {
	const clip = path.resolve(command.clip);
	if (!existsSync(clip)) throw new UsageError(`There is no file ${command.clip}.`);
	const keyframe = await makeKeyframe(clip, command, signal);
	const directory = path.resolve(command.out);
	mkdirSync(directory, { recursive: true });

	const bar = new ProgressBar();
	const outcome = await runMatteJob(
		{
			clip,
			name: path.parse(clip).name,
			keyframes: [keyframe],
			engine: command.engine,
			setup: await localSetup(command.engine),
			options: command.options,
			outputs: [...command.outputs],
			directory
		},
		{ signal, onProgress: (progress) => command.quiet || bar.update(progress) }
	).finally(() => bar.end());

	for (const notice of outcome.notices) console.error(words.notice(notice));
	for (const { file } of outcome.results) console.log(path.join(command.out, file));
	const { engine, provider, precision, frames, seconds } = outcome.record;
	const how = [engine, 'on', provider, ...(precision ? [`in ${precision}`] : [])].join(' ');
	console.error(`${frames} frames in ${seconds.toFixed(1)} s with ${how}`);
}

/** The frame that the user spoke of, with the mask given or made from the prompts. */
async function makeKeyframe(clip: string, command: MatteCommand, signal: AbortSignal): Promise<Keyframe> {
	const frame = await frameAt(clip, command.frame, signal);
	const mask = command.mask
		? await readMaskFile(path.resolve(command.mask))
		: await segment(frame, command, signal);
	return { time: frame.time, mask: encodeMask(mask) };
}

async function frameAt(file: string, index: number, signal: AbortSignal): Promise<TimedFrame> {
	const clip = await openClip(file);
	try {
		const frame = await clip.frameAt(index, signal);
		if (!frame) throw appError('keyframe-missing');
		return frame;
	} finally {
		await clip.close();
	}
}

async function segment(frame: TimedFrame, { prompts }: MatteCommand, signal: AbortSignal): Promise<Mask> {
	const segmenter = await createClassicSegmenter();
	const encoded = await segmenter.encode(frame, signal);
	try {
		const [best] = await encoded.segment(prompts, signal);
		if (!best) throw appError('mask-empty');
		return best.mask;
	} finally {
		encoded.dispose();
	}
}
