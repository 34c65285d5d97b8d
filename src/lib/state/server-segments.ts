import type { Api } from '$lib/api/client.ts';
import { newId } from '$lib/new-id.ts';
import { CodedError, modelError } from '$models/errors.ts';
import type { RunLengthMask } from '$models/mask.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import type { SegmentAnswer as ServerAnswer, SegmentRequest } from '$protocol/prompts.ts';
import { LatestQueue } from '$workers/latest.ts';
import type { Asker, PromptedFrame } from '$workers/segment/client.ts';
import type { DetectAnswer, SegmentAnswer } from '$workers/segment/types.ts';
import { PixelScale } from './pixel-scale.ts';

interface Task {
	readonly frame: PromptedFrame;
	readonly key: string;
	readonly rank: 0 | 1;
	request(scale: PixelScale): Pick<SegmentRequest, 'prompts' | 'mask' | 'concept'>;
}

interface Reply {
	readonly answer: ServerAnswer;
	readonly scale: PixelScale;
	readonly milliseconds: number;
}

/** Asks the server's SAM 3 about frames of clips that it has: one question at a time, and of those that wait only the newest of each. */
export class ServerSegments {
	readonly #queue = new LatestQueue<Task, Reply | undefined>(
		(task) => this.#ask(task),
		({ key }) => key,
		({ rank }) => rank
	);
	/** Of the pixels of clips, by their hashes and the page's sizes. */
	readonly #scales = new Map<string, Promise<PixelScale>>();
	readonly #closed = new AbortController();
	/** Names this page to the server. */
	readonly #id = newId();

	constructor(private readonly api: Pick<Api, 'segment' | 'clip'>) {}

	/**
	 * As `SegmentClient.segment`.
	 * @throws CodedError `server-away`, `clip-missing`, and what the server says; an AbortError after `close`
	 */
	async segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		mask?: RunLengthMask,
		asker: Asker = 0
	): Promise<SegmentAnswer | undefined> {
		const isPreview = asker === 'preview';
		const reply = await this.#queue.push({
			...{ frame, key: isPreview ? asker : `${asker} ${frame.key}`, rank: isPreview ? 1 : 0 },
			request: (scale) => ({ prompts: scale.prompts(prompts), mask: mask && scale.toClip(mask) })
		});
		if (!reply) return undefined;
		const { answer, scale, milliseconds } = reply;
		const [best] = answer.candidates;
		if (!best) throw modelError('no-match');
		return { mask: scale.toPage(best.mask), score: best.score, engine: answer.segmenter, milliseconds };
	}

	/** As `SegmentClient.detect`. @throws as `segment` */
	async detect(frame: PromptedFrame, concept: Concept): Promise<DetectAnswer | undefined> {
		const reply = await this.#queue.push({
			...{ frame, key: 'detect', rank: 0 },
			request: (scale) => ({ concept: scale.concept(concept) })
		});
		if (!reply) return undefined;
		const { answer, scale, milliseconds } = reply;
		const found = answer.candidates.flatMap(({ mask, score, box }) =>
			box ? [{ mask: scale.toPage(mask), score, box: scale.boxToPage(box) }] : []
		);
		return { found, engine: answer.segmenter, milliseconds };
	}

	/** The server makes a frame ready with its first question. */
	async prepare(): Promise<void> {}

	close(): void {
		this.#queue.clear();
		this.#closed.abort();
	}

	async #ask({ frame, key, request }: Task): Promise<Reply | undefined> {
		const { clip, time } = frame;
		if (clip === undefined) throw appError('clip-missing');
		const start = performance.now();
		const scale = await this.#scale(clip, frame);
		try {
			const answer = await this.api.segment(
				{ clip, time, ...request(scale), segmenter: 'sam3', asker: `${this.#id} ${key}`.slice(0, 100) },
				this.#closed.signal
			);
			return { answer, scale, milliseconds: performance.now() - start };
		} catch (error) {
			if (error instanceof CodedError && error.code === 'prompt-superseded') return undefined;
			throw error;
		}
	}

	#scale(hash: string, { size }: PromptedFrame): Promise<PixelScale> {
		const key = `${hash} ${size.width} ${size.height}`;
		const known = this.#scales.get(key);
		if (known) return known;
		const scale = this.api.clip(hash).then((clip) => {
			if (!clip) throw appError('clip-missing');
			return new PixelScale(size, clip);
		});
		this.#scales.set(key, scale);
		scale.catch(() => this.#scales.delete(key));
		return scale;
	}
}
