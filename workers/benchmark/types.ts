import type { WebAdapter } from '../../models/adapter.web.ts';
import type { WebProvider } from '../../models/runtime.web.ts';
import type { OpenStage, Sam3Setup } from '../segment/types.ts';

/** What a browser computes with. */
export interface Machine {
	/** The graphics card; absent where WebGPU has none. */
	readonly adapter?: WebAdapter;
	/** Threads of WebAssembly. */
	readonly threads: number;
	/** Whether the page is isolated from others, without which WebAssembly has one thread. */
	readonly isolated: boolean;
	/** The input sizes of the SAM 3 that this browser keeps, largest first; absent where it keeps none. */
	readonly sizes?: readonly number[];
	/** Whether its weights come from a formula: times count, masks do not. */
	readonly standIn: boolean;
}

/** What ran one setup took, in milliseconds. */
export interface Times {
	/** From nothing to the first frame that can be encoded. */
	readonly open: number;
	/** The first frame, for which a graphics card compiles. */
	readonly firstEncode: number;
	/** A later frame, median. */
	readonly encode: number;
	/** A click to its run-length mask, median and slowest. */
	readonly decode: number;
	readonly slowestDecode: number;
}

export type BenchmarkStage = OpenStage | 'encode' | 'decode';

/** What a benchmark worker does: one of these, once, since a worker has one runtime. */
export interface BenchmarkApi {
	look(): Promise<Machine>;
	/**
	 * Starts a runtime and lets it prove itself on tiny networks with known answers.
	 * @returns milliseconds that it took
	 * @throws CodedError `provider-failed`, `out-of-memory`
	 */
	prove(provider: WebProvider): Promise<number>;
	/** @throws CodedError as `SegmentApi.openSam3`, `segment` */
	measure(setup: Sam3Setup, onStage: (stage: BenchmarkStage) => void): Promise<Times>;
}
