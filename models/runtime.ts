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

/**
 * Opens networks one after the other, by their names; when one does not open, those before it are released.
 * @throws what `open` throws
 */
export async function openAll<Name extends string, Graph>(
	graphs: Readonly<Record<Name, Graph>>,
	open: (graph: Graph, name: Name) => Promise<Network>
): Promise<Record<Name, Network>> {
	const networks = new Map<Name, Network>();
	try {
		for (const [name, graph] of Object.entries<Graph>(graphs) as [Name, Graph][]) {
			networks.set(name, await open(graph, name));
		}
	} catch (error) {
		await Promise.all([...networks.values()].map((network) => network.release()));
		throw error;
	}
	return Object.fromEntries(networks) as Record<Name, Network>;
}
