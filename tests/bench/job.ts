// A process that runs one job, told by a message, and reports what it needed.
import type { JobOutcome, JobSpec } from '../../server/engines/job-spec.ts';
import { runMatteJob } from '../../server/engines/run-job.ts';

export interface JobReport {
	readonly record: JobOutcome['record'];
	readonly peakBytes: number;
}

process.once('message', async (spec) => {
	const { record } = await runMatteJob(spec as JobSpec);
	const report: JobReport = { record, peakBytes: process.resourceUsage().maxRSS * 1024 };
	process.send!(report, () => process.exit());
});
