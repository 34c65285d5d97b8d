import type { Clip } from '../../models/clip.ts';
import { createForegroundEstimator } from '../../models/foreground.ts';
import { workingSize } from '../../models/matanyone/canvas.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { matteClip } from '../../models/matte-clip.ts';
import type { MatterNotice } from '../../models/matter.ts';
import { Meter } from '../../models/meter.ts';
import { JobProgress } from '../../models/progress.ts';
import { engineInfo } from '../../models/registry.ts';
import { findKeyframes } from '../../models/tracking.ts';
import { saveName } from '../../server/protocol/names.ts';
import type { JobRequest, Notice, Progress } from '../../server/protocol/schema.ts';
import type { LoadedEngine } from './engine.ts';
import {
	isBrowserOutput,
	type BrowserOutput,
	type ClipFrame,
	type MadeResult,
	type MatteOutcome,
	type Output
} from './types.ts';

/** What a job needs of the browser. */
export interface JobParts {
	readonly clip: Clip<ClipFrame> & { readonly info: { readonly variableFrameRate: boolean } };
	readonly loadEngine: (progress: JobProgress) => Promise<LoadedEngine>;
	readonly openOutput: (kind: BrowserOutput) => Promise<Output>;
}

/** What the results are called until they are named for the clip. */
const WORK_NAME = 'matte';

/**
 * Runs one matting job: a mask for every frame, the alphas, the foreground's colours, the files.
 * @throws CodedError
 */
export async function runMatte(
	{ keyframes, name, engine: id, options, outputs: asked }: JobRequest,
	{ clip, loadEngine, openOutput }: JobParts,
	onProgress: (progress: Progress) => void
): Promise<MatteOutcome> {
	const start = performance.now();
	const meter = new Meter();
	const found = findKeyframes(keyframes, clip, engineInfo(id).masks);
	const progress = new JobProgress(clip.info.frames, onProgress);
	progress.begin('load', 0);
	const engine = await loadEngine(progress);
	const kinds = [...new Set(asked)].filter(isBrowserOutput);
	const outputs = await Promise.all(kinds.map((kind) => openOutput(kind)));

	const estimateForeground = createForegroundEstimator();
	const engineNotices: MatterNotice[] = [];
	let colourMilliseconds = 0;
	const { frames, lost } = await matteClip({
		...{ clip, keyframes: found, engine, options, progress, meter },
		onNotice: (notice) => engineNotices.push(notice),
		async write(frame, alpha) {
			const before = performance.now();
			const foreground = estimateForeground(frame, alpha);
			colourMilliseconds += performance.now() - before;
			await Promise.all(outputs.map((output) => output.write(frame, alpha, foreground)));
		}
	});

	progress.begin('finish', 0);
	const results: MadeResult[] = [];
	const notices: Notice[] = [...engineNotices];
	for (const [i, kind] of kinds.entries()) {
		const made = await outputs[i]!.finish();
		const { blob, extension } = made;
		const file = saveName(name, WORK_NAME, `${WORK_NAME}_${kind}.${extension}`);
		results.push({ kind, file, bytes: blob.size, mime: blob.type, blob });
		notices.push(...made.notices);
	}
	for (const kind of new Set(asked))
		if (!isBrowserOutput(kind)) notices.push({ code: 'output-unavailable', params: { kind } });
	if (clip.info.variableFrameRate) notices.push({ code: 'variable-frame-rate', params: {} });
	if (engine.standIn) notices.push({ code: 'stand-in-weights', params: { engine: id } });
	if (lost > 0) notices.push({ code: 'target-lost', params: { frames: lost } });

	const { width, height } = clip.info;
	const { maxSize } = options.matanyone ?? defaultMatAnyoneOptions;
	const worked = engineInfo(id).model && workingSize(engineNotices.at(-1)?.params ?? clip.info, maxSize);
	return {
		results,
		notices: distinct(notices),
		record: known({
			...{ engine: id, revision: engineInfo(id).revision },
			...{ provider: engine.provider, reason: engine.reason, precision: engine.precision },
			...{ weights: engine.weights, standIn: engine.standIn || undefined },
			...{ workWidth: worked?.width, workHeight: worked?.height },
			...{ frames, width, height },
			engineSeconds: (meter.milliseconds + colourMilliseconds) / 1000,
			seconds: (performance.now() - start) / 1000
		})
	};
}

/** Without what is not known. */
function known<T>(record: Readonly<Record<string, T | undefined>>): Record<string, T> {
	return Object.fromEntries(
		Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined)
	);
}

/** What several outputs say is said once. */
function distinct(notices: readonly Notice[]): Notice[] {
	return [...new Map(notices.map((notice) => [JSON.stringify(notice), notice])).values()];
}
