import type { GraphDefinition, GraphNode, Initializer } from './types.ts';

/**
 * The same graph with its weights of float32 kept in float16: half the bytes, for graphs whose weights are rounded anyway. The runtime
 * widens them once, when it loads the graph; what is computed stays in float32.
 */
export function storeInHalf(graph: GraphDefinition): GraphDefinition {
	const casts: GraphNode[] = [];
	const initializers = graph.initializers.map((initializer): Initializer => {
		const { name, dtype, source } = initializer;
		if (dtype !== 'float32' || source.kind === 'inline') return initializer;
		const half = `${name}/half`;
		casts.push({
			...{ op: 'Cast', domain: '', name: half, inputs: [half], outputs: [name] },
			attributes: { to: 1 }
		});
		return { ...initializer, name: half, dtype: 'float16' };
	});
	return { ...graph, nodes: [...casts, ...graph.nodes], initializers };
}
