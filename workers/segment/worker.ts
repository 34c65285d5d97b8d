import { createClassicSegmenter } from '../../models/classic/index.ts';
import type { Frame, Size } from '../../models/frame.ts';
import { modelError } from '../../models/errors.ts';
import { encodeMask } from '../../models/mask.ts';
import { segmenterInfo } from '../../models/segmenters.ts';
import { expose } from '../rpc.ts';
import { EncodedFrames } from './encoded-frames.ts';
import type { SegmentApi } from './types.ts';

const segmenter = createClassicSegmenter();
segmenter.catch(() => {}); // told with every call that needs it
const frames = new EncodedFrames(4);

expose({
	async openSam3() {
		throw modelError('weights-absent', { file: 'sam3' });
	},
	async info() {
		const { id, prompts, refines, concepts } = segmenterInfo('classic');
		return { engine: id, prompts, refines, concepts, standIn: false, reasons: [] };
	},
	async setFrame(key, picture, size) {
		const frame = readPixels(picture, size);
		picture.close();
		frames.set(key, await (await segmenter).encode(frame));
	},
	async segment(key, prompts) {
		const start = performance.now();
		const [best] = (await frames.get(key)?.segment(prompts)) ?? [];
		if (!best) return undefined;
		return {
			mask: encodeMask(best.mask),
			score: best.score,
			engine: 'classic',
			milliseconds: performance.now() - start
		};
	},
	async detect() {
		throw modelError('prompt-unknown', { kind: 'words', segmenter: 'classic' });
	},
	async track() {
		throw modelError('weights-absent', { file: 'sam3' });
	},
	async stopTracking() {}
} satisfies SegmentApi);

function readPixels(picture: ImageBitmap, { width, height }: Size): Frame {
	const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
	context.drawImage(picture, 0, 0, width, height);
	return { width, height, data: context.getImageData(0, 0, width, height).data };
}
