import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Frame, Size } from '../../models/frame.ts';
import { encodeMask } from '../../models/mask.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import type { JobSpec } from '../../server/engines/job-spec.ts';
import { frameRate, openScene, type Scene } from '../scenes/index.ts';
import { writeClip } from '../scenes/write-clip.ts';
import type { JobReport } from './job.ts';
import { binaryMask } from './quality.ts';

/** How fast a whole job ran, from a file to three files, and what it needed. */
export interface JobSpeed {
	readonly size: Size;
	readonly seconds: number;
	readonly frames: number;
	/** Frames a second of the engine alone (tracking, matting, foreground colours) and of the whole job. */
	readonly engineRate: number;
	readonly jobRate: number;
	/** Whole-job time over engine time. */
	readonly overhead: number;
	/** Largest resident memory of the job's process, in megabytes. */
	readonly peakMegabytes: number;
}

/** Frames that are rendered for a clip; longer clips play them forward and backward in turn. */
const rendered = 24;

/** Writes a clip of the scene and runs one job on it in a process of its own. */
export async function measureSpeed(
	scene: Scene,
	engine: Pick<JobSpec, 'engine' | 'setup'>,
	{ size, seconds }: { size: Size; seconds: number }
): Promise<JobSpeed> {
	const folder = await mkdtemp(join(tmpdir(), 'splazmatte-bench-'));
	try {
		const clip = join(folder, 'clip.mp4');
		await writeClip(clip, frames(scene, size, seconds * frameRate), {
			frameRate,
			quality: 18,
			preset: 'veryfast'
		});
		const mask = encodeMask(binaryMask(openScene(scene, size).frame(0).alpha));
		const { record, peakBytes } = await runJob({
			clip,
			directory: folder,
			name: 'clip',
			keyframes: [{ time: 0, mask }],
			...engine,
			options: defaultMatteOptions,
			outputs: ['alpha', 'foreground', 'preview']
		});
		return {
			size,
			seconds,
			frames: record.frames,
			engineRate: record.frames / record.engineSeconds,
			jobRate: record.frames / record.seconds,
			overhead: record.seconds / record.engineSeconds,
			peakMegabytes: peakBytes / 1e6
		};
	} finally {
		await rm(folder, { recursive: true });
	}
}

function* frames(scene: Scene, size: Size, count: number): Generator<Frame> {
	const clip = openScene(scene, size);
	const period = 2 * (rendered - 1);
	const cache = Array.from({ length: Math.min(rendered, count) }, (_, index) => clip.frame(index).composite);
	for (let index = 0; index < count; index++) {
		const step = index % period;
		yield cache[Math.min(step, period - step)]!;
	}
}

function runJob(spec: JobSpec): Promise<JobReport> {
	return new Promise((resolve, reject) => {
		const child = fork(fileURLToPath(new URL('job.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
		let report: JobReport | undefined;
		child.once('message', (message) => (report = message as JobReport));
		child.once('error', reject);
		child.once('exit', (code) => {
			if (report) resolve(report);
			else reject(new Error(`the job's process ended with ${code}`));
		});
		child.send(spec);
	});
}
