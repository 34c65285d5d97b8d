export type { ClipSource, MediaInfo, TimedFrame } from './info.ts';
export { readMaskFile } from './picture.ts';
export { probe } from './probe.ts';
export { openClip, type ClipReader, type ReadOptions } from './reader.ts';
export { createWriter, type MatteWriter, type WriterOptions } from './writer.ts';
