import { appError } from '../../server/protocol/errors.ts';
import { expose } from '../rpc.ts';
import { BrowserClip } from './clip.ts';
import { loadEngine } from './engine.ts';
import { tooLargeHere } from './limits.ts';
import { PngOutput } from './png-output.ts';
import { runMatte } from './run.ts';
import type { BrowserOutput, MatteApi } from './types.ts';
import { VideoOutput } from './video-output.ts';

expose({
	async run(file, request, onProgress) {
		const clip = await BrowserClip.open(file, request.name);
		try {
			const problem = tooLargeHere(request, clip.info);
			if (problem) throw appError(problem.code, problem.params);
			const openOutput = async (kind: BrowserOutput) =>
				kind === 'png' ? new PngOutput('matte') : VideoOutput.open(kind, clip);
			const parts = {
				clip,
				loadEngine: (progress: Parameters<typeof loadEngine>[1]) => loadEngine(request.engine, progress),
				openOutput
			};
			return await runMatte(request, parts, onProgress);
		} finally {
			clip.close();
		}
	}
} satisfies MatteApi);
