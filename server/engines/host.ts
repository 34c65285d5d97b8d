/** The process in which an engine lives: runs the jobs that the server sends, one at a time, and ends when the server does. */
import { describeFailure } from '../failure.ts';
import type { JobSpec } from './job-spec.ts';
import { hostRequest, type HostMessage, type HostReply } from './messages.ts';
import { runMatteJob } from './run-job.ts';

let running: AbortController | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
	const request = hostRequest.parse(message);
	if (request.type === 'cancel') running?.abort();
	else void run(request.spec);
});

async function run(spec: JobSpec): Promise<void> {
	running = new AbortController();
	const { signal } = running;
	try {
		const outcome = await runMatteJob(spec, {
			signal,
			onProgress: (progress) => send({ type: 'progress', progress })
		});
		send({ type: 'done', outcome });
	} catch (error) {
		send({ type: 'failed', ...describeFailure(error) });
	}
	running = undefined;
}

function send(reply: HostReply): void {
	const message: HostMessage = { reply, memory: process.memoryUsage.rss() };
	process.send?.(message);
}
