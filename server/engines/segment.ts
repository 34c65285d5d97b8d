import { decodeMask, encodeMask, fitMask, maskBox } from '../../models/mask.ts';
import type { Candidate, Detection, EncodedFrame } from '../../models/segmenter.ts';
import type { ClipReader } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import { loadSegmenter, type LoadedSegmenter } from './load-segmenter.ts';
import { readyFrameMemory } from './memory.ts';
import { keptClip } from './open-clips.ts';
import { ReadyFrames } from './ready-frames.ts';
import type { SegmentOutcome, SegmentSpec } from './segment-spec.ts';

const ready = new ReadyFrames();
let owner: LoadedSegmenter | undefined;

/**
 * Answers prompts on a frame of a clip, which stays ready for the next ones.
 * @throws CodedError what the segmenter refuses; `keyframe-missing` behind the clip's end; `mask-size`, `clip-…`
 */
export async function answerPrompts(spec: SegmentSpec, signal?: AbortSignal): Promise<SegmentOutcome> {
	const loaded = await loadSegmenter(spec.segmenter, spec.setup);
	// Frames belong to the segmenter that made them ready.
	if (owner !== loaded) ready.clear();
	owner = loaded;
	if (spec.concept?.words !== undefined) loaded.segmenter.checkWords?.(spec.concept.words);
	const clip = await keptClip(spec.clip);
	const index = clip.indexAt(spec.time);
	if (index === undefined) throw appError('keyframe-missing');
	signal?.throwIfAborted();

	const milliseconds = { read: 0, encode: 0, decode: 0 };
	const make = async () => {
		let start = performance.now();
		const frame = await clip.frameAt(index, signal);
		if (!frame) throw appError('keyframe-missing');
		milliseconds.read = performance.now() - start;
		start = performance.now();
		const encoded = await loaded.segmenter.encode(frame, signal);
		milliseconds.encode = performance.now() - start;
		return { frame: encoded, bytes: readyFrameMemory(spec.segmenter, frame) };
	};
	return ready.use(`${spec.clip} ${index}`, spec.keep, make, async (frame, cached) => {
		const start = performance.now();
		const found = await ask(frame, spec, clip.info, signal);
		milliseconds.decode = performance.now() - start;
		return {
			...loaded.run,
			...{ frame: index, time: clip.timeAt(index), candidates: found.map(coded), cached, milliseconds }
		};
	});
}

function ask(
	frame: EncodedFrame,
	{ segmenter, concept, prompts = [], mask }: SegmentSpec,
	info: ClipReader['info'],
	signal?: AbortSignal
): Promise<readonly (Candidate | Detection)[]> {
	if (!concept) {
		const { num, den } = info.pixelAspect;
		return frame.segment(prompts, signal, mask && decodeMask(fitMask(mask, info, num / den)));
	}
	const kind = concept.words === undefined ? 'example' : 'words';
	if (!frame.detect) throw appError('prompt-unknown', { kind, segmenter });
	return frame.detect(concept, signal);
}

function coded({ mask, score, ...found }: Candidate | Detection): SegmentOutcome['candidates'][number] {
	const runs = encodeMask(mask);
	return { mask: runs, score, box: 'box' in found ? found.box : maskBox(runs) };
}
