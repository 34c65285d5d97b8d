import { expect, it } from 'vitest';
import type { Clip, TimedFrame } from './clip.ts';
import { encodeMask } from './mask.ts';
import { Meter } from './meter.ts';
import { alphaText, packAlpha } from './packed-alpha.ts';
import { ClipTracker, findKeyframes, type Keyframe } from './tracking.ts';

const size = { width: 4, height: 1 };
const soft = Uint8Array.of(255, 140, 60, 0);

/** A clip of three frames a second apart. */
function clipOf(pixelAspect = { num: 1, den: 1 }, width = size.width): Clip {
	const info = { width, height: 1, frames: 3, pixelAspect };
	const all = [0, 1, 2].map((index): TimedFrame => ({
		width,
		height: 1,
		data: new Uint8Array(4 * width),
		index,
		time: index
	}));
	return {
		info,
		indexAt: (seconds) => Math.round(seconds),
		frameAt: async (index) => all[index],
		async *frames({ from = 0 } = {}) {
			yield* all.filter(({ time }) => time >= from);
		},
		async *framesBackward() {}
	};
}

const keyframe = (time: number, text?: string): Keyframe => ({
	...{ time, soft: text },
	mask: encodeMask({ ...size, data: soft })
});

/** The masks that a matter is given. */
async function given(clip: Clip, keyframes: readonly Keyframe[]): Promise<number[][]> {
	const tracker = new ClipTracker(
		clip,
		findKeyframes(keyframes, clip, 'every-frame'),
		undefined,
		new Meter()
	);
	const masks: number[][] = [];
	for await (const { mask } of tracker.inputs([])) masks.push([...mask!.data]);
	return masks;
}

it('gives a mask with its soft edge where it came with one', async () => {
	const text = await alphaText(await packAlpha({ ...size, data: soft }));
	expect(await given(clipOf(), [keyframe(0), keyframe(1, text), keyframe(2)])).toEqual([
		[255, 255, 0, 0],
		[...soft],
		[255, 255, 0, 0]
	]);
});

it('brings a soft edge to a frame whose pixels are not square, as the mask itself', async () => {
	const text = await alphaText(await packAlpha({ ...size, data: soft }));
	const narrow = clipOf({ num: 2, den: 1 }, 2);
	const [first] = await given(narrow, [keyframe(0, text), keyframe(1), keyframe(2)]);
	expect(first).toEqual([140, 0]);
});

it('refuses a soft edge of another size than its mask', async () => {
	const text = await alphaText(await packAlpha({ width: 1, height: 1, data: Uint8Array.of(9) }));
	await expect(given(clipOf(), [keyframe(0, text), keyframe(1), keyframe(2)])).rejects.toThrow('fewer bytes');
});
