import type { ErrorParams } from '$models/errors.ts';
import type { FloatType } from '$models/onnx/types.ts';
import type { RunLengthMask } from '$models/mask.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import { SegmentClient, type PromptedFrame } from '$workers/segment/client.ts';
import type {
	DetectAnswer,
	OpenStage,
	SegmentAnswer,
	SegmenterInfo,
	TrackedMasks,
	WorkerTrackRequest
} from '$workers/segment/types.ts';
import type { Asker, Segments } from './segments.ts';

/** Who can answer prompts, the best first: SAM 3 in this browser, SAM 3 on the server, the classic segmenter in this browser. */
export const ways = ['webgpu', 'wasm', 'server', 'classic'] as const;
export type Way = (typeof ways)[number];

/** Why a way is not used; `wayMessage` has the words. */
export interface WayReason {
	readonly way: Way;
	readonly code: string;
	readonly params: ErrorParams;
}

/** What the user chose of how prompts are answered; what is left out is chosen by what the machine can do. */
export interface SegmentationWish {
	readonly way?: Way;
	readonly size?: number;
	readonly precision?: FloatType;
}

/** Who answers prompts: one for the whole page. The best way that works; nothing is ever answered another way unsaid. */
export class Segmentation implements Segments {
	way = $state<Way>('classic');
	/** `opening`: questions wait until the way is ready. */
	state = $state<'idle' | 'opening' | 'ready'>('idle');
	/** What opening is at. */
	stage = $state<OpenStage>();
	/** The segmenter that answers, once it is known. */
	info = $state.raw<SegmenterInfo>();
	/** For each way that is better than the one used, why it is not. */
	reasons = $state.raw<readonly WayReason[]>([]);

	readonly hovers = $derived(this.way === 'webgpu');
	readonly refines = $derived(this.way !== 'classic');
	readonly concepts = $derived(this.way !== 'classic');
	/** Milliseconds that making a frame ready takes; undefined while that is not known. */
	readonly encodeMilliseconds = $derived(this.info?.encodeMilliseconds);

	#wish = $state.raw<SegmentationWish>({});
	readonly #classic = new SegmentClient();

	/** What the user chose; kept in this browser. */
	get wish(): SegmentationWish {
		return this.#wish;
	}

	set wish(wish: SegmentationWish) {
		this.#wish = wish;
	}

	segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		_mask?: RunLengthMask,
		_asker?: Asker
	): Promise<SegmentAnswer | undefined> {
		return this.#classic.segment(frame, prompts);
	}

	async detect(_frame: PromptedFrame, _concept: Concept): Promise<DetectAnswer | undefined> {
		return undefined;
	}

	prepare(frame: PromptedFrame, _next?: PromptedFrame): Promise<void> {
		return this.#classic.prepare(frame);
	}

	/**
	 * Follows targets through a clip in this browser: with SAM 3 where the way is `webgpu` or `wasm`, else with the classic segmenter.
	 * @param onFrame called for each frame, in the order of `trackClip`
	 * @throws CodedError as `trackClip`, `clip-needs-server`, `gpu-lost`, `out-of-memory`, `engine-died`; the signal's reason
	 */
	async track(
		_file: Blob,
		_name: string,
		_request: WorkerTrackRequest,
		_onFrame: (index: number, masks: TrackedMasks) => void,
		_signal: AbortSignal
	): Promise<void> {}

	close(): void {
		this.#classic.close();
	}
}
