import type { SegmenterId } from '../../models/segmenters.ts';
import type { SegmenterState } from '../engines/catalogue.ts';
import { describeTracking } from '../protocol/key.ts';
import type { Clip, Tracking } from '../protocol/schema.ts';
import { spaceForMasks } from './disk.ts';
import { keyOf, type Places, type Plan, type Work, type WorkParts } from './work.ts';

/** Follows targets through a clip and writes their masks. */
export class TrackWork implements Work {
	readonly diskName = 'track';
	readonly own;

	constructor(
		private readonly parts: WorkParts,
		private readonly clip: Clip,
		readonly segmenter: SegmenterId,
		private readonly tracking: Tracking
	) {
		this.own = { kind: 'track', segmenter } as const;
	}

	get saved(): Tracking {
		return this.tracking;
	}

	get space(): number {
		return spaceForMasks(this.clip, this.tracking.targets.length);
	}

	async key(): Promise<string> {
		return this.#key(await this.#ready());
	}

	async plan({ clip, directory, name }: Places): Promise<Plan> {
		const { segmenter, tracking } = this;
		const state = await this.#ready();
		const { targets, concept } = tracking;
		const followed = {
			targets: targets.length,
			keyframes: targets.reduce((sum, { keyframes }) => sum + keyframes.length, 0),
			looksFor: concept !== undefined
		};
		return {
			key: this.#key(state),
			task: { kind: 'track', spec: { clip, directory, name, ...tracking, segmenter, setup: state.setup } },
			need: this.parts.engines.needSegmenter(state, this.clip, followed)
		};
	}

	/** Its own pace tells after the first frame: how many things there are to follow decides it. */
	estimate(): undefined {}

	async learn(): Promise<void> {}

	#ready(): Promise<SegmenterState> {
		return this.parts.engines.readySegmenter(this.segmenter);
	}

	#key({ weights }: SegmenterState): string {
		const { version } = this.parts;
		return keyOf(describeTracking(this.clip.hash, this.segmenter, this.tracking, { version, weights }));
	}
}
