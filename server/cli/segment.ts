import { mkdir } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { modelError } from '../../models/errors.ts';
import type { Mask } from '../../models/frame.ts';
import { JobProgress } from '../../models/progress.ts';
import type { Candidate, TrackRequest } from '../../models/segmenter.ts';
import { trackClip } from '../../models/track-clip.ts';
import type { LoadedSegmenter } from '../engines/load-segmenter.ts';
import { openClip, type ClipReader } from '../media/index.ts';
import { inEnglish } from './english.ts';
import { findOnFrame, readTargetFrame, requireFrame, type TargetOnFrame } from './find-target.ts';
import { MaskFolders, writeMasks, type MaskPlace } from './mask-files.ts';
import type { SegmentCommand } from './segment-args.ts';
import { chooseSegmenter, noticesOf, openSegmenter } from './open-segmenter.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** What a command works with. */
interface Work {
	readonly command: SegmentCommand;
	readonly clip: ClipReader;
	readonly target: TargetOnFrame;
	readonly segmenter: LoadedSegmenter['segmenter'];
	readonly place: MaskPlace;
	readonly progress: JobProgress;
	readonly signal: AbortSignal;
	readonly words: Words;
}

/**
 * Writes masks of what is meant, on its frame or on every frame. What was written goes to the output, a line for each; the rest is told
 * beside it.
 * @throws CodedError for what the user can be told; the signal's reason when it was interrupted
 */
export async function segment(
	command: SegmentCommand,
	terminal: Terminal,
	signal: AbortSignal
): Promise<void> {
	const clip = await openClip(resolve(command.clip));
	const bar = terminal.progressBar();
	const { words } = terminal;
	const start = performance.now();
	try {
		const { from = 0, to = from } = command.track ?? {};
		requireFrame(clip, Math.max(from, to));
		const directory = resolve(command.out);
		const place = { directory, name: parse(command.clip).name };
		if (command.track) await MaskFolders.check(place);
		const said = await inEnglish(command.target, terminal, signal);
		const target = await readTargetFrame(clip, said, signal);
		// Its pace says nothing of a later stage: there is none.
		const progress = new JobProgress(0, (progress) => command.quiet || bar.update(progress));
		progress.begin('load', 0);
		const { segmenter, run } = await openSegmenter(await chooseSegmenter(command.target));
		await mkdir(directory, { recursive: true });
		const work = { command, clip, target, segmenter, place, progress, signal, words };
		const written = await (command.track ? trackTargets(work) : segmentFrame(work));
		bar.end();
		for (const { file, about } of written) {
			terminal.print(join(command.out, file));
			terminal.tell(`  ${about}`);
		}
		const seconds = ((performance.now() - start) / 1000).toFixed(1);
		terminal.tell(words.say('done', { seconds, run: words.ran(run.segmenter, run) }));
		for (const notice of noticesOf(run)) terminal.tell(words.notice(notice));
	} finally {
		bar.end();
		clip.close();
	}
}

interface Written {
	readonly file: string;
	readonly about: string;
}

async function segmentFrame({ command, target, segmenter, place, signal, words }: Work): Promise<Written[]> {
	const found = await findOnFrame(target, segmenter, signal);
	const wanted = target.concept || command.all ? found : found.slice(0, 1);
	signal.throwIfAborted();
	const files = await writeMasks(
		wanted.map(({ mask }) => mask),
		place
	);
	const sure = ({ score }: Candidate) => words.say('sure', { percent: (100 * score).toFixed(0) });
	return files.map((file, i) => ({ file, about: sure(wanted[i]!) }));
}

async function trackTargets(work: Work): Promise<Written[]> {
	const { clip, segmenter, place, progress, signal, words } = work;
	const request = await requestOf(work);
	const folders = await MaskFolders.open(clip.info, place);
	let frames = 0;
	try {
		const onProgress = (done: number, total: number) =>
			done === 0 ? progress.begin('track', total) : progress.done(done);
		for await (const frame of trackClip({ clip, segmenter, request, signal, onProgress })) {
			await folders.write(frame);
			frames++;
		}
		if (folders.seen.size === 0) throw modelError(request.concept ? 'no-match' : 'mask-empty');
		await folders.finish();
	} catch (error) {
		await folders.abort();
		throw error;
	}
	return [...folders.seen].map(([id, seen]) => ({
		file: join(`${place.name}_masks`, String(id)),
		about: words.say('seen', { seen, frames })
	}));
}

async function requestOf({ command, clip, target, segmenter, signal }: Work): Promise<TrackRequest> {
	const { frame, prompts, concept, match } = target;
	const { from, to } = { to: clip.info.frames - 1, ...command.track! };
	if (concept && match === undefined)
		return { targets: [], concept: { ...concept, frame: frame.index }, from, to };
	const mask: Mask | undefined = concept
		? (await findOnFrame(target, segmenter, signal))[0]!.mask
		: target.mask;
	return { targets: [{ id: 1, keyframes: [{ frame: frame.index, prompts, mask }] }], from, to };
}
