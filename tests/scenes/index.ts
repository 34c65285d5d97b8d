import { ball } from './ball.ts';
import { camera } from './camera.ts';
import { hair } from './hair.ts';
import { plain } from './plain.ts';
import type { Scene } from './scene.ts';
import { veil } from './veil.ts';

export { clickPoint, frameRate, openScene, type Clip, type Rendered, type Scene } from './scene.ts';
export { sampleFrames, sampleScene, sampleSize } from './sample.ts';

/** What a matte is measured on, each with its own difficulty. */
export const scenes: readonly Scene[] = [plain, hair, ball, veil, camera];
