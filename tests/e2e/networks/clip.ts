import type { Clip } from '../../../models/parity/matanyone.ts';

/** What the networks are run over: small, with a memory frame in it, and a frame that reads two. */
export const clip: Clip = { width: 96, height: 80, object: [43, 40, 24], frames: 4, warmup: 1 };
export const loop = { warmup: clip.warmup, memEvery: 2, maxMemFrames: 3 };
