/**
 * An engine's process for tests: the clip, a text file, says what becomes of the job. It imports types only, so that it starts fast.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../protocol/errors.ts';
import type { Progress } from '../protocol/schema.ts';
import type { JobOutcome, JobSpec } from '../engines/job-spec.ts';
import type { SegmentOutcome, SegmentSpec } from '../engines/segment-spec.ts';
import type { Outcomes, Task, TaskKind } from '../engines/task.ts';
import type { TrackOutcome, TrackSpec } from '../engines/track-spec.ts';
import type { HostMessage, HostRequest } from '../engines/messages.ts';

const FRAMES = 10;

/** What a user can be told. */
class Refusal extends Error {
	constructor(readonly code: ErrorCode) {
		super(code);
	}
}

const held: Buffer[] = [];
let cancelled = false;
let answered: (() => void) | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (request: HostRequest) => {
	if (request.type === 'run') void run(request.task);
	else {
		cancelled = true;
		answered?.();
	}
});

function send(reply: HostMessage['reply']): void {
	process.send!({ reply, memory: process.memoryUsage.rss() } satisfies HostMessage);
}

function progress(done: number, stage: Progress['stage'] = 'matte'): void {
	send({ type: 'progress', progress: { stage, done, total: FRAMES } });
}

async function run(task: Task): Promise<void> {
	cancelled = false;
	try {
		send({ type: 'done', outcome: await perform(task) });
	} catch (error) {
		const detail = String(error);
		const told = error instanceof Refusal ? { code: error.code, params: {} } : undefined;
		send({ type: 'failed', error: told, detail });
	}
}

async function perform({ kind, spec }: Task): Promise<Outcomes[TaskKind]> {
	if (kind === 'translate') {
		return { english: `fake ${spec.words}`, by: 'opus-mt', provider: 'fake', standIn: false };
	}
	if (kind === 'phrase') return { weights: spec.setup.weights, tokens: 'AACAPw==' };
	const script = (await readFile(spec.clip, 'utf8')).split(' ')[0]!;
	if (kind === 'segment') return answer(script, spec);
	await follow(script, spec.directory);
	return kind === 'track' ? tracked(spec) : matted(script, spec);
}

/** Does what the clip says; returns when the job is to end well. */
async function follow(script: string, directory: string): Promise<void> {
	progress(1);
	const partial = join(directory, 'half.part');
	switch (script) {
		case 'die':
			await writeFile(partial, 'half');
			process.kill(process.pid, 'SIGKILL');
			break;
		case 'hang':
			// Deaf: it does not hear that it is cancelled.
			await new Promise(() => setInterval(() => {}, 1000));
			break;
		case 'wait':
			await writeFile(partial, 'half');
			await untilCancelled();
			break;
		case 'fill':
			// Holds on to memory, as an engine does that has loaded.
			held.push(Buffer.alloc(200e6, 1));
			break;
		case 'full':
			await writeFile(partial, 'half');
			throw new Refusal('disk-full');
		case 'refuse':
			throw new Refusal('mask-empty');
		case 'defect':
			throw new Error('an engine has a bug');
	}
	for (let done = 2; done <= FRAMES; done++) {
		progress(done);
		await sleep(5);
	}
}

async function matted(script: string, spec: JobSpec): Promise<JobOutcome> {
	const file = `${spec.name}_alpha.mp4`;
	await writeFile(join(spec.directory, file), '0123456789');
	return {
		results: [{ kind: 'alpha', file, bytes: 10, mime: 'video/mp4' }],
		notices: [
			script === 'smaller'
				? { code: 'worked-smaller', params: { width: 2, height: 1 } }
				: { code: 'audio-dropped', params: { kind: 'png' } }
		],
		record: {
			...{ engine: spec.engine, revision: '1', provider: 'fake' },
			...{ frames: FRAMES, width: 4, height: 2, engineSeconds: 0.5, seconds: 1 },
			...(script === 'smaller' && { workWidth: 2, workHeight: 1 })
		}
	};
}

async function tracked({ name, directory, segmenter }: TrackSpec): Promise<TrackOutcome> {
	const file = `${name}_masks.jsonl`;
	await writeFile(join(directory, file), '0123456789');
	const facts = { revision: '1', frames: FRAMES, targets: 1, width: 4, height: 2, seconds: 1 };
	return {
		results: [{ kind: 'masks', file, bytes: 10, mime: 'application/jsonl' }],
		notices: [],
		record: { segmenter, provider: 'fake', standIn: false, ...facts }
	};
}

async function answer(script: string, { clip, segmenter, time }: SegmentSpec): Promise<SegmentOutcome> {
	if (script === 'die') process.kill(process.pid, 'SIGKILL');
	if (script === 'refuse') throw new Refusal('mask-empty');
	if (script === 'wait') {
		await writeFile(`${clip}.asked`, '');
		await untilCancelled();
	}
	return {
		...{ segmenter, provider: 'fake', standIn: false, frame: Math.round(10 * time), time },
		...{ candidates: [], cached: false, milliseconds: { read: 0, encode: 0, decode: 0 } }
	};
}

async function untilCancelled(): Promise<never> {
	if (!cancelled) await new Promise<void>((resolve) => (answered = resolve));
	throw new DOMException('cancelled', 'AbortError');
}
