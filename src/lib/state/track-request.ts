import { maskArea, type RunLengthMask } from '$models/mask.ts';
import type { WorkerTrackRequest } from '$workers/segment/types.ts';
import type { Prompting } from './prompting.svelte.ts';
import type { Stretch } from './track-plan.ts';

type Tracked = Pick<Prompting, 'trackRequest' | 'staleFrom' | 'tracked'>;
type Keyframe = WorkerTrackRequest['targets'][number]['keyframes'][number];

/**
 * What to ask for to have a stretch tracked: the targets' marks and, where they are tracked right beside it, the masks there, from which it
 * goes on.
 * @param words in English: what is followed besides
 * @returns the first frame on which any target is known, too
 */
export function requestOf(
	prompting: Tracked,
	{ from, to, targets }: Stretch,
	words?: string
): { readonly request: WorkerTrackRequest; readonly start: number } {
	const asked = prompting.trackRequest({ from, to });
	const wanted = targets.map((id) => {
		const marked = asked.targets.find((target) => target.id === id)?.keyframes ?? [];
		const beside = [from - 1, to + 1].filter((index) => !marked.some(({ frame }) => frame === index));
		return { id, keyframes: [...marked, ...beside.flatMap((index) => keyframeAt(prompting, id, index))] };
	});
	const followed = wanted.filter(({ keyframes }) => keyframes.length > 0);
	const frames = followed.flatMap(({ keyframes }) => keyframes.map(({ frame }) => frame));
	const concept = words === undefined ? undefined : { words };
	return {
		request: { ...asked, targets: followed, ...(concept && { concept }) },
		start: frames.length === 0 ? from : Math.min(...frames)
	};
}

/** What a tracked target is on a frame, if that is up to date and shows something. */
function keyframeAt(prompting: Tracked, id: number, frame: number): Keyframe[] {
	if (frame >= (prompting.staleFrom(id) ?? Infinity)) return [];
	const mask: RunLengthMask | undefined = prompting.tracked.at(id, frame);
	return mask && maskArea(mask) > 0 ? [{ frame, prompts: [], mask }] : [];
}
