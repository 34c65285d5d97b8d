import { createClassicSegmenter } from '../../models/classic/index.ts';
import type { Frame, Size } from '../../models/frame.ts';
import { segmenterInfo } from '../../models/segmenters.ts';
import { BrowserClip } from '../matte/clip.ts';
import { expose } from '../rpc.ts';
import { openSam3 } from './sam3.ts';
import { Segmenting, type OpenedSegmenter } from './segmenting.ts';

expose(
	new Segmenting({
		openClassic,
		openSam3,
		openClip: (file, name) => BrowserClip.open(file, name),
		readPixels
	})
);

async function openClassic(): Promise<OpenedSegmenter> {
	const { id: engine, prompts, refines, concepts } = segmenterInfo('classic');
	return {
		segmenter: await createClassicSegmenter(),
		info: { engine, prompts, refines, concepts, standIn: false, reasons: [] },
		frameBytes: ({ width, height }) => 8 * width * height
	};
}

function readPixels(picture: ImageBitmap, { width, height }: Size): Frame {
	const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
	context.drawImage(picture, 0, 0, width, height);
	return { width, height, data: context.getImageData(0, 0, width, height).data };
}
