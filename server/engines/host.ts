/** The process in which an engine lives: does the tasks that the server sends, one at a time, and ends when the server does. */
import { describeFailure } from '../failure.ts';
import { hostRequest, type HostMessage, type HostReply } from './messages.ts';
import { readPhrase } from './read-phrase.ts';
import { runMatteJob, type JobHooks } from './run-job.ts';
import { runTrackJob } from './run-track.ts';
import { answerPrompts } from './segment.ts';
import type { Outcomes, Task, TaskKind } from './task.ts';
import { translateWords } from './translate-words.ts';

let running: AbortController | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
	const request = hostRequest.parse(message);
	if (request.type === 'cancel') running?.abort();
	else void run(request.task);
});

async function run(task: Task): Promise<void> {
	running = new AbortController();
	const { signal } = running;
	try {
		const outcome = await perform(task, {
			signal,
			onProgress: (progress) => send({ type: 'progress', progress })
		});
		send({ type: 'done', outcome });
	} catch (error) {
		send({ type: 'failed', ...describeFailure(error) });
	}
	running = undefined;
}

function perform({ kind, spec }: Task, hooks: JobHooks): Promise<Outcomes[TaskKind]> {
	if (kind === 'matte') return runMatteJob(spec, hooks);
	if (kind === 'phrase') return readPhrase(spec);
	if (kind === 'translate') return translateWords(spec, hooks.signal);
	if (kind === 'track') return runTrackJob(spec, hooks);
	return answerPrompts(spec, hooks.signal);
}

function send(reply: HostReply): void {
	const message: HostMessage = { reply, memory: process.memoryUsage.rss() };
	process.send?.(message);
}
