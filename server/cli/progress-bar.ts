import type { Progress } from '../protocol/schema.ts';

const stageNames: Record<Progress['stage'], string> = {
	download: 'Fetching',
	load: 'Loading',
	track: 'Tracking',
	matte: 'Matting',
	finish: 'Finishing'
};

/** One line for a job's progress: stage, bar, frames, window where there are any, time left. */
export function progressLine({ stage, done, total, etaMs, step }: Progress): string {
	const share = step?.share ?? (total > 0 ? done / total : 0);
	const window = step ? `  window ${step.window}/${step.windows}` : '';
	const left = etaMs === undefined ? '' : `  ${clock(etaMs)} left`;
	return `${stageNames[stage].padEnd(9)} ${bar(share)} ${done}/${total || '?'}${window}${left}`;
}

/** A bar that is filled by a share from 0 to 1. */
export function bar(share: number, width = 30): string {
	return '█'.repeat(Math.round(Math.min(1, share) * width)).padEnd(width, '░');
}

/** Minutes and seconds, part seconds as whole ones. */
export function clock(ms: number): string {
	const seconds = Math.ceil(ms / 1000);
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Shows progress on a terminal in place; elsewhere one line for each stage. */
export class ProgressBar {
	#stage: Progress['stage'] | undefined;

	constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

	update(progress: Progress): void {
		if (this.stream.isTTY) this.stream.write(`\r${progressLine(progress)}\x1b[K`);
		else if (progress.stage !== this.#stage) this.stream.write(`${stageNames[progress.stage]}…\n`);
		this.#stage = progress.stage;
	}

	end(): void {
		if (this.stream.isTTY && this.#stage) this.stream.write('\n');
	}
}
