import { effort, type JobEffort } from '$models/effort.ts';
import type { EngineId } from '$models/registry.ts';
import type { Job } from '$protocol/schema.ts';
import { isLocal } from './local-job.ts';

/** Seconds that a matte takes, at most, from the engine's measured pace; undefined while that was never measured. */
export function estimateSeconds(job: JobEffort, pixelsPerSecond: number | undefined): number | undefined {
	return pixelsPerSecond === undefined ? undefined : effort(job) / pixelsPerSecond;
}

/** Pixels a second of the newest job that this browser did on an engine. */
export function localPace(jobs: readonly Job[], engine: EngineId): number | undefined {
	const done = jobs.filter((job) => isLocal(job) && job.engine === engine && job.record);
	const last = done.sort((a, b) => a.created - b.created).at(-1);
	if (!last) return undefined;
	const { options, record } = last;
	const [frames, width, height, seconds] = (['frames', 'width', 'height', 'seconds'] as const).map((name) =>
		Number(record![name])
	) as [number, number, number, number];
	return seconds > 0 ? effort({ engine, options, frames, keyframes: 1, width, height }) / seconds : undefined;
}
