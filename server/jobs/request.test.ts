import { expect, it } from 'vitest';
import type { Clip, Tracking } from '../protocol/schema.ts';
import { checkTracking } from './request.ts';

const clip = { width: 4, height: 2, pixelAspect: 2, duration: 1 } as Clip;
const prompts = [{ kind: 'point', x: 1, y: 1, positive: true } as const];

it.each([
	['of the frames’ size', 4],
	['of the size that they are shown at', 8]
])('looks at run lengths once and decodes none, %s', (_, width) => {
	let looks = 0;
	const mask = {
		...{ width, height: 2 },
		get counts() {
			looks++;
			return [3, 1];
		}
	};
	const keyframes: Tracking['targets'][number]['keyframes'] = [{ time: 0, prompts, mask }];
	checkTracking({ targets: [{ id: 1, keyframes }] }, 'sam3', clip);
	expect(looks).toBe(1);
});
