/** The process of `tryCanaryApart`: runs the canary with the options that it is sent, and answers once. */
import type { InferenceSession } from 'onnxruntime-node';
import { tryCanary, type CanaryAnswer } from './canary.node.ts';

process.on('disconnect', () => process.exit());
process.on('message', (options: InferenceSession.SessionOptions) => {
	void tryCanary(options)
		.catch((error: unknown): CanaryAnswer => ({ problem: (error as Error).message }))
		.then((answer) => process.send?.(answer));
});
