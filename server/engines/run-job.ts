import { matteClip } from '../../models/matte-clip.ts';
import type { MatterNotice } from '../../models/matter.ts';
import { Meter } from '../../models/meter.ts';
import { JobProgress } from '../../models/progress.ts';
import { engineInfo } from '../../models/registry.ts';
import { findKeyframes } from '../../models/tracking.ts';
import { openClip } from '../media/index.ts';
import type { Notice, Progress } from '../protocol/schema.ts';
import type { JobOutcome, JobSpec } from './job-spec.ts';
import { loadEngine } from './load.ts';
import { OutputThread } from './output-thread.ts';

export interface JobHooks {
	readonly onProgress?: (progress: Progress) => void;
	readonly signal?: AbortSignal;
}

/**
 * Runs one matting job: opens the clip, gets a mask for every frame where the engine needs them, mattes, estimates the foreground's
 * colours and writes the results into the job's folder. Nothing appears there under its final name unless the whole job ends well.
 *
 * Decoding runs on other threads, a few frames ahead; colours and writing in a thread of their own, a few frames behind.
 * @throws CodedError for what the user can be told; the signal's reason when it was cancelled
 */
export async function runMatteJob(spec: JobSpec, { onProgress, signal }: JobHooks = {}): Promise<JobOutcome> {
	const start = performance.now();
	const meter = new Meter();
	const clip = await openClip(spec.clip);
	try {
		const keyframes = findKeyframes(spec.keyframes, clip);
		const progress = new JobProgress(clip.info.frames, onProgress ?? (() => {}));
		progress.begin('load', 0);
		// The engine and the thread get ready at the same time; a failure of the first is told when it is needed.
		const loading = loadEngine(spec.engine, spec.setup);
		loading.catch(() => {});

		const { outputs: kinds, directory, name, options } = spec;
		const output = await OutputThread.open({ kinds, directory, name, source: clip });
		const abort = async (error: unknown) => {
			await output.abort();
			throw error;
		};
		const engine = await loading.catch(abort);
		const engineNotices: MatterNotice[] = [];
		const matted = await matteClip({
			...{ clip, keyframes, engine, options, progress, meter, signal },
			onNotice: (notice) => engineNotices.push(notice),
			write: (frame, alpha) => output.write(frame, alpha)
		}).catch(abort);
		progress.begin('finish', 0);
		const written = await output.finish();

		const notices: Notice[] = [...written.notices, ...engineNotices];
		if (engine.standIn) notices.push({ code: 'stand-in-weights', params: { engine: spec.engine } });
		if (matted.lost > 0) notices.push({ code: 'target-lost', params: { frames: matted.lost } });
		const { width, height } = clip.info;
		const smaller = engineNotices.at(-1)?.params;
		return {
			results: written.results,
			notices,
			record: {
				engine: spec.engine,
				revision: engineInfo(spec.engine).revision,
				provider: engine.provider,
				precision: engine.precision,
				weights: spec.setup?.weights,
				standIn: engine.standIn || undefined,
				workWidth: smaller?.width,
				workHeight: smaller?.height,
				frames: matted.frames,
				width,
				height,
				engineSeconds: (meter.milliseconds + written.colourMilliseconds) / 1000,
				seconds: (performance.now() - start) / 1000
			}
		};
	} finally {
		await clip.close();
	}
}
