import type { TrackerFeatures, TrackerModel } from '../sam3/decode.ts';
import { transformersOptions } from '../sam3/options.ts';
import { VideoTracker, type Tracked } from '../sam3/tracker.ts';

/** Both objects on one frame. */
export interface TrackedStep {
	readonly frame: number;
	readonly objects: readonly Tracked[];
}

/** The frame that is corrected at the end. */
const CORRECTED = 3;

/**
 * Follows the two objects of SAM 3's parity file, in its order: on frame 0 the first gets a click and the second a box, then come all frames
 * from 0 on, and frame 3 once more, where two clicks correct the first.
 * @param encode gives the features of frame t
 * @param frames how many there are, at least 4
 */
export async function* trackObjects(
	model: TrackerModel,
	encode: (t: number) => Promise<TrackerFeatures>,
	frames: number
): AsyncGenerator<TrackedStep> {
	const { size } = model;
	const picture = { width: size, height: size };
	const click = (x: number, y: number, positive: boolean) =>
		({ kind: 'point', x: x * size, y: y * size, positive }) as const;
	const box = { kind: 'box', x: 0.6 * size, y: 0.1 * size, width: 0.35 * size, height: 0.25 * size } as const;
	const tracker = new VideoTracker(model, transformersOptions, frames);

	const first = await encode(0);
	const answers = [
		await tracker.addPrompts(1, 0, first, { prompts: [click(0.45, 0.5, true)], picture }),
		await tracker.addPrompts(2, 0, first, { prompts: [box], picture })
	];
	yield { frame: 0, objects: answers };
	for (let frame = 0; frame < frames; frame++) {
		const features = frame === 0 ? first : await encode(frame);
		yield { frame, objects: await tracker.track(features, frame) };
	}
	const features = await encode(CORRECTED);
	const prompts = [click(0.5, 0.5, true), click(0.2, 0.2, false)];
	const corrected = await tracker.addPrompts(1, CORRECTED, features, { prompts, picture });
	const [other] = await tracker.track(features, CORRECTED, { ids: [2] });
	yield { frame: CORRECTED, objects: [corrected, other!] };
}
