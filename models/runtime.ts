import type { Tensor } from 'onnxruntime-common';

/** Tensors by the names of a graph's inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** One graph, loaded and ready. The only thing that loops know of ONNX Runtime; `runtime.node.ts` and `runtime.web.ts` make it. */
export interface Network {
	/**
	 * Runs the graph once.
	 * @param fetches the outputs that are wanted; all of them when left out
	 * @throws CodedError `out-of-memory`
	 */
	run(feeds: Tensors, fetches?: readonly string[]): Promise<Tensors>;
	release(): Promise<void>;
}
