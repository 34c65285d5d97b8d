import type { RunLengthMask } from '$models/mask.ts';
import type { Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import { SegmentClient, type PromptedFrame } from '$workers/segment/client.ts';
import type { DetectAnswer, SegmentAnswer } from '$workers/segment/types.ts';
import type { Segments } from './segments.ts';

/** The classic segmenter of this browser. */
export class ClassicSegments implements Segments {
	readonly hovers = false;
	readonly refines = false;
	readonly concepts = false;
	readonly #client = new SegmentClient();

	segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		_mask?: RunLengthMask
	): Promise<SegmentAnswer | undefined> {
		return this.#client.segment(frame, prompts);
	}

	detect(): Promise<DetectAnswer | undefined> {
		return Promise.reject(appError('prompt-unknown', { kind: 'words', segmenter: 'classic' }));
	}

	prepare(frame: PromptedFrame): Promise<void> {
		return this.#client.prepare(frame);
	}
}
