import type { ServerConnection } from './server-connection.svelte.ts';
import {
	browserProblem,
	serverProblem,
	ways,
	type KeptWeights,
	type SegmentationWish,
	type Way,
	type WayProblem,
	type WayReason
} from './ways.ts';

export interface WayChoiceParts {
	readonly connection: Pick<ServerConnection, 'health' | 'status'>;
	/** SAM 3's weights in this browser; state, so that what changes there is seen. */
	readonly kept: () => KeptWeights | undefined;
	/** What was chosen before. */
	readonly wish?: SegmentationWish;
	readonly remember?: (wish: SegmentationWish) => void;
}

/** Which way to answer is the next to try, by what is there, what was chosen, and what has failed. */
export class WayChoice {
	#wish = $state.raw<SegmentationWish>({});
	#failed = $state.raw<Readonly<Partial<Record<Way, WayProblem>>>>({});

	readonly #problems = $derived.by((): Readonly<Record<Way, WayProblem | undefined>> => {
		const { connection, kept } = this.parts;
		const { way } = this.#wish;
		const weights = kept();
		return {
			webgpu: this.#failed.webgpu ?? browserProblem(weights, way === 'webgpu'),
			wasm: this.#failed.wasm ?? browserProblem(weights, way === 'wasm'),
			server: this.#failed.server ?? serverProblem(connection.status, connection.health, way === 'server'),
			classic: undefined
		};
	});

	/** The way chosen, else the best. */
	readonly next = $derived.by((): Way => {
		const { way } = this.#wish;
		return [...(way ? [way] : []), ...ways].find((way) => !this.#problems[way])!;
	});

	constructor(private readonly parts: WayChoiceParts) {
		this.#wish = parts.wish ?? {};
	}

	get wish(): SegmentationWish {
		return this.#wish;
	}

	set wish(wish: SegmentationWish) {
		this.#wish = wish;
		this.#failed = {};
		this.parts.remember?.(wish);
	}

	/** A way does not work, until something changes that it depends on. */
	fail(way: Way, problem: WayProblem): void {
		this.#failed = { ...this.#failed, [way]: problem };
	}

	/** What was found out about ways counts no longer. */
	forgive(...ways: readonly Way[]): void {
		const failed = { ...this.#failed };
		for (const way of ways) delete failed[way];
		this.#failed = failed;
	}

	/** Why each way is not used that is better than the one used, or was chosen. */
	reasons(used: Way, waitsForClip: boolean): readonly WayReason[] {
		const rank = ways.indexOf(used);
		const others = ways.filter(
			(way, i) => way !== used && (i < rank || (way === this.#wish.way && way !== 'classic'))
		);
		return others.map((way) => {
			const waits = way === 'server' && waitsForClip;
			const problem = this.#problems[way] ?? { code: waits ? 'way-clip' : 'way-other', params: {} };
			return { way, ...problem };
		});
	}
}
