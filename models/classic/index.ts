export { createClassicSegmenter } from './segmenter.ts';
