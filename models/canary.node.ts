import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InferenceSession } from 'onnxruntime-node';
import { canaryFeeds, canaryModel, isCanaryRight } from './canary.ts';
import type { Tensors } from './runtime.ts';

/** How a session did on the canary. */
export interface CanaryResult {
	readonly right: boolean;
	/** Of one run, once everything is compiled. */
	readonly milliseconds: number;
}

/** Runs the canary in this process. */
export async function tryCanary(options: InferenceSession.SessionOptions): Promise<CanaryResult> {
	const session = await InferenceSession.create(canaryModel(), options);
	try {
		const right = await isCanaryRight((await session.run(canaryFeeds())) as Tensors);
		const start = performance.now();
		await session.run(canaryFeeds());
		return { right, milliseconds: performance.now() - start };
	} finally {
		await session.release();
	}
}

/**
 * Runs the canary in a process of its own, which a broken graphics driver may take down with it.
 * @throws Error with what went wrong
 */
export async function tryCanaryApart(options: InferenceSession.SessionOptions): Promise<CanaryResult> {
	const child = fork(fileURLToPath(new URL('./canary-process.node.ts', import.meta.url)), {
		execArgv: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
		stdio: ['ignore', 'ignore', 'ignore', 'ipc']
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
	try {
		return await new Promise<CanaryResult>((resolve, reject) => {
			child.on('message', (answer: CanaryAnswer) =>
				'problem' in answer ? reject(new Error(answer.problem)) : resolve(answer)
			);
			child.on('error', reject);
			child.on('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
			child.send(options);
		});
	} finally {
		clearTimeout(timer);
		child.kill('SIGKILL');
	}
}

/** Milliseconds after which a process that says nothing hangs. */
const PATIENCE = 30_000;

export type CanaryAnswer = CanaryResult | { readonly problem: string };
