export { createClassicMatter } from './matter.ts';
export { createClassicSegmenter } from './segmenter.ts';
