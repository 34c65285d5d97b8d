import { parentPort } from 'node:worker_threads';
import { createForegroundEstimator } from '../../models/foreground.ts';
import { describeFailure } from '../failure.ts';
import { createWriter, type MatteWriter } from '../media/index.ts';
import type { Answer, FrameTiming, OutputOptions, Request, Written } from './output-thread.ts';

/** What is being written. */
interface Job {
	readonly options: OutputOptions;
	readonly slots: readonly SharedArrayBuffer[];
	readonly writer: MatteWriter;
}

const estimateForeground = createForegroundEstimator();
let colourMilliseconds = 0;
let job: Job | undefined;
/** Requests are carried out one after the other, in the order in which they came. */
let last: Promise<void> = Promise.resolve();

parentPort!.on('message', (request: Request) => {
	last = last.then(async () => {
		const answer: Answer = await handle(request).then(
			(value) => ({ id: request.id, value }),
			(error) => ({ id: request.id, failure: describeFailure(error) })
		);
		parentPort!.postMessage(answer);
	});
});

async function handle(request: Request): Promise<unknown> {
	switch (request.type) {
		case 'open':
			job = {
				options: request.options,
				slots: request.slots,
				writer: await createWriter(request.options)
			};
			return;
		case 'write':
			return write(job!, request.slot, request.timing);
		case 'finish':
			return { ...(await job!.writer.finish()), colourMilliseconds } satisfies Written;
		case 'abort':
			return job?.writer.abort();
	}
}

async function write({ options, slots, writer }: Job, slot: number, timing: FrameTiming): Promise<void> {
	const { width, height } = options.source.info;
	const memory = slots[slot]!;
	const frame = { ...timing, width, height, data: new Uint8Array(memory, 0, width * height * 4) };
	const alpha = { width, height, data: new Uint8Array(memory, width * height * 4) };
	const start = performance.now();
	const foreground = estimateForeground(frame, alpha);
	colourMilliseconds += performance.now() - start;
	await writer.write(frame, alpha, foreground);
}
