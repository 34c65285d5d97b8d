import { createClassicMatter, createClassicSegmenter } from '../../models/classic/index.ts';
import { appError } from '../../server/protocol/errors.ts';
import { expose } from '../rpc.ts';
import { BrowserClip } from './clip.ts';
import { PngOutput } from './png-output.ts';
import { runMatte } from './run.ts';
import type { BrowserOutput, MatteApi } from './types.ts';
import { VideoOutput } from './video-output.ts';

expose({
	async run(file, request, onProgress) {
		const { engine } = request;
		if (engine !== 'classic') throw appError('engine-unavailable', { engine });
		const clip = await BrowserClip.open(file, request.name);
		const loadEngine = async () => ({
			matter: await createClassicMatter(),
			segmenter: await createClassicSegmenter()
		});
		const openOutput = async (kind: BrowserOutput) =>
			kind === 'png' ? new PngOutput('matte') : VideoOutput.open(kind, clip);
		return runMatte(request, { clip, loadEngine, openOutput }, onProgress);
	}
} satisfies MatteApi);
