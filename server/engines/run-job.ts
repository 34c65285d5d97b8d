import type { Mask } from '../../models/frame.ts';
import { createForegroundEstimator } from '../../models/foreground.ts';
import { decodeMask, maskArea, type RunLengthMask } from '../../models/mask.ts';
import type { MatterInput } from '../../models/matter.ts';
import { engines } from '../../models/registry.ts';
import { bounded, createWriter, openClip, type MediaInfo, type TimedFrame } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import type { Keyframe, Notice, Progress } from '../protocol/schema.ts';
import { JobProgress } from './eta.ts';
import type { JobOutcome, JobSpec } from './job-spec.ts';
import { loadEngine, type LoadedEngine } from './load.ts';
import { Meter } from './meter.ts';
import { trackClip } from './track.ts';

/** Frames decoded ahead of the matter. */
const AHEAD = 3;

export interface JobHooks {
	readonly onProgress?: (progress: Progress) => void;
	readonly signal?: AbortSignal;
}

/**
 * Runs one matting job: opens the clip, gets a mask for every frame where the engine needs them, mattes, estimates the foreground's
 * colours and writes the results into the job's folder. Nothing appears there under its final name unless the whole job ends well.
 * @throws CodedError for what the user can be told; the signal's reason when it was cancelled
 */
export async function runMatteJob(spec: JobSpec, { onProgress, signal }: JobHooks = {}): Promise<JobOutcome> {
	const start = performance.now();
	const meter = new Meter();
	const clip = await openClip(spec.clip);
	try {
		for (const keyframe of spec.keyframes) checkMask(keyframe, clip.info);
		const everyFrame = engines.find(({ id }) => id === spec.engine)!.masks === 'every-frame';
		const progress = new JobProgress(
			[
				{ name: 'load', weight: 0 },
				{ name: 'track', weight: everyFrame ? 1 : 0 },
				{ name: 'matte', weight: 1 },
				{ name: 'finish', weight: 0 }
			],
			clip.info.frames,
			onProgress ?? (() => {})
		);
		progress.begin('load');
		const engine = await loadEngine(spec.engine);

		let masks: RunLengthMask[] | undefined;
		if (everyFrame) {
			progress.begin('track');
			masks = await trackClip({
				clip,
				keyframes: spec.keyframes,
				segmenter: engine.segmenter,
				meter,
				onDone: (frames) => progress.done(frames),
				signal
			});
		}

		progress.begin('matte', masks?.length);
		const writer = await createWriter({
			kinds: spec.outputs,
			directory: spec.directory,
			name: spec.name,
			source: clip
		});
		let frames = 0;
		let lost = 0;
		try {
			const estimateForeground = createForegroundEstimator();
			const inputs = withMasks(bounded(clip.frames({ signal }), AHEAD), masks, spec.keyframes);
			const matted = engine.matter.matte(meter.source(inputs), spec.options, signal);
			for await (const { frame, alpha } of meter.output(matted)) {
				signal?.throwIfAborted();
				const foreground = meter.run(() => estimateForeground(frame, alpha));
				await writer.write(frame, alpha, foreground);
				if (!alpha.data.some((value) => value > 0)) lost++;
				progress.done(++frames);
			}
			if (masks && frames !== masks.length) throw appError('clip-damaged', { frame: frames });
			progress.begin('finish');
		} catch (error) {
			await writer.abort();
			throw error;
		}
		const { results, notices } = await writer.finish();
		return {
			results,
			notices: [...notices, ...lostNotice(lost)],
			record: { ...describe(spec, engine), ...size(clip.info), frames, ...times(meter, start) }
		};
	} finally {
		await clip.close();
	}
}

function checkMask({ mask }: Keyframe, { width, height }: MediaInfo): void {
	if (mask.width !== width || mask.height !== height) {
		throw appError('mask-size', { maskWidth: mask.width, maskHeight: mask.height, width, height });
	}
	if (maskArea(mask) === 0) throw appError('mask-empty');
}

/** Gives every frame its mask where there is one for each, else the keyframes theirs. */
async function* withMasks(
	frames: AsyncIterable<TimedFrame>,
	masks: readonly RunLengthMask[] | undefined,
	keyframes: readonly Keyframe[]
): AsyncGenerator<MatterInput<TimedFrame>> {
	let index = 0;
	for await (const frame of frames) {
		yield { frame, mask: masks ? decode(masks[index]) : keyframeMask(frame, keyframes) };
		index++;
	}
}

function decode(mask: RunLengthMask | undefined): Mask {
	if (!mask) throw appError('clip-damaged', { frame: 0 });
	return decodeMask(mask);
}

function keyframeMask(frame: TimedFrame, keyframes: readonly Keyframe[]): Mask | undefined {
	const keyframe = keyframes.find(({ time }) => Math.abs(time - frame.time) < 0.004);
	return keyframe && decodeMask(keyframe.mask);
}

function lostNotice(frames: number): Notice[] {
	return frames > 0 ? [{ code: 'target-lost', params: { frames } }] : [];
}

function describe(spec: JobSpec, engine: LoadedEngine) {
	const { revision } = engines.find(({ id }) => id === spec.engine)!;
	return { engine: spec.engine, revision, provider: engine.provider };
}

function size({ width, height }: MediaInfo) {
	return { width, height };
}

function times(meter: Meter, start: number) {
	return { engineSeconds: meter.milliseconds / 1000, seconds: (performance.now() - start) / 1000 };
}
