import { decodeMask, maskArea, type RunLengthMask } from '$models/mask.ts';
import { alphaText, packAlpha, unpackAlpha, type PackedAlpha } from '$models/packed-alpha.ts';
import { packedText, packMask } from '$models/packed-mask.ts';
import type { EngineInfo } from '$models/registry.ts';
import { uniteMasks } from '$models/run-lengths.ts';
import type { Keyframe } from '$protocol/schema.ts';
import type { Answers } from './answers.svelte.ts';
import { marksOf, type Said } from './targets.ts';
import type { Tracked, TrackedMask } from './tracked.svelte.ts';

/** Milliseconds of work after which the page is given a chance to do something else. */
const SLICE = 20;

/** How an engine uses masks: of some frames, from which it follows the target itself, or of every frame. */
export type EngineMasks = EngineInfo['masks'];

/** Why there is no keyframe: no target that is on has a mask; each has one, but no frame has all of them, so they must be tracked first. */
export type KeyframeProblem = 'no-mask' | 'apart';

/** The masks that are known of one target. */
export interface KnownMasks {
	/** Frames on which something is said about it, and it has a mask. */
	readonly marked: readonly number[];
	/** By frame, where it was tracked. */
	readonly tracked: ReadonlyMap<number, TrackedMask>;
	/** Undefined where it is not known; `empty` where it is not seen. */
	seen(frame: number): 'seen' | 'empty' | undefined;
	at(frame: number): RunLengthMask | undefined;
	/** The same with its soft edge, where that is known. */
	soft(frame: number): PackedAlpha | undefined;
}

/** @param targets those that are on */
export function keyframeProblem(targets: readonly KnownMasks[]): KeyframeProblem | undefined {
	if (keyframeIndices(targets, 'keyframes').length > 0) return undefined;
	return targets.some(({ marked }) => marked.length > 0) ? 'apart' : 'no-mask';
}

/**
 * The frames whose masks an engine is given, in order: those with something said where every target is known and one is seen; for an engine
 * that needs every frame's mask, all on which every target is known, even where none is seen.
 * @param targets those that are on; one of which no mask is known does not count
 */
export function keyframeIndices(targets: readonly KnownMasks[], masks: EngineMasks): number[] {
	const said = targets.filter(({ marked, tracked }) => marked.length + tracked.size > 0);
	const known = (frame: number) => said.every((target) => target.seen(frame));
	const seen = (frame: number) => said.some((target) => target.seen(frame) === 'seen');
	const inOrder = (frames: number[]) => [...new Set(frames)].filter(known).sort((a, b) => a - b);
	const marked = inOrder(said.flatMap(({ marked }) => marked)).filter(seen);
	if (masks === 'keyframes' || marked.length === 0) return marked;
	return inOrder(said.flatMap(({ marked, tracked }) => [...marked, ...tracked.keys()]));
}

/**
 * What all targets together show, in order of time. Many masks are packed; the page stays alive while they are put together.
 * @param times of the clip's frames, in seconds after the first
 * @param soft whether soft edges are wanted where they are known
 */
export async function uniteKeyframes(
	targets: readonly KnownMasks[],
	masks: EngineMasks,
	times: Float64Array,
	soft: boolean
): Promise<Keyframe[]> {
	const indices = keyframeIndices(targets, masks);
	// Those of marked frames alone are named in a result's key as they always were.
	const isPacked = indices.length > keyframeIndices(targets, 'keyframes').length;
	const keyframes: Keyframe[] = [];
	let rested = performance.now();
	for (const index of indices) {
		const mask = unionAt(targets, index);
		const keyframe = { time: times[index]!, mask: isPacked ? packedText(packMask(mask)) : mask };
		const edge = soft ? await softUnionAt(targets, index) : undefined;
		keyframes.push(edge ? { ...keyframe, soft: await alphaText(edge) } : keyframe);
		if (performance.now() - rested < SLICE) continue;
		await new Promise((resolve) => setTimeout(resolve));
		rested = performance.now();
	}
	return keyframes;
}

/** What all targets together show on a frame on which each is known. */
function unionAt(targets: readonly KnownMasks[], frame: number): RunLengthMask {
	return uniteMasks(targets.map((target) => target.at(frame)).filter((mask) => mask !== undefined));
}

/** The same with its soft edges; undefined where none of the targets has one. */
async function softUnionAt(targets: readonly KnownMasks[], frame: number): Promise<PackedAlpha | undefined> {
	const known = targets.map((target) => ({ mask: target.at(frame), soft: target.soft(frame) }));
	const shown = known.filter(({ mask }) => mask && maskArea(mask) > 0);
	if (!shown.some(({ soft }) => soft)) return undefined;
	if (shown.length === 1) return shown[0]!.soft;
	const planes = shown.map(({ mask, soft }) => (soft ? unpackAlpha(soft) : decodeMask(mask!)));
	const [first, ...others] = await Promise.all(planes);
	const data = first!.data.slice();
	for (const other of others)
		for (let i = 0; i < data.length; i++) data[i] = Math.max(data[i]!, other.data[i]!);
	return packAlpha({ ...first!, data });
}

/** What is known of each target that is on. */
export function knownMasks(said: Said, answers: Answers, tracked: Tracked): KnownMasks[] {
	return said.targets
		.filter(({ on }) => on)
		.map(({ id }) => {
			const marks = marksOf(said, id);
			const followed = tracked.of(id);
			const marked = (frame: number) => (marks.has(frame) ? answers.at(id, frame)?.mask : undefined);
			return {
				marked: [...marks.keys()].filter(marked),
				tracked: followed,
				seen(frame) {
					const mask = marked(frame);
					const isEmpty = mask ? maskArea(mask) === 0 : followed.get(frame)?.mask.isEmpty;
					return isEmpty === undefined ? undefined : isEmpty ? 'empty' : 'seen';
				},
				at: (frame) => marked(frame) ?? tracked.at(id, frame),
				soft(frame) {
					const found = followed.get(frame);
					// What was said on the frame since then counts before it.
					return found?.basis.get(frame) === marks.get(frame)?.revision ? found?.soft : undefined;
				}
			};
		});
}
