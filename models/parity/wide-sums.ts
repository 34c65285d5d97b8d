import type { GraphDefinition, GraphNode } from '../onnx/types.ts';

const FLOAT32 = 1;
const FLOAT16 = 10;

/**
 * The same graph with products of float16 summed in float32, as graphics cards do: ONNX Runtime sums them in float16 on a CPU, a hundred
 * times slower. What goes in and comes out is float16 as before, and so are the weights.
 */
export function withWideSums(graph: GraphDefinition): GraphDefinition {
	const halves = new Set(
		graph.initializers.filter(({ dtype }) => dtype === 'float16').map(({ name }) => name)
	);
	const nodes = graph.nodes.flatMap((node): GraphNode[] => {
		const sums = ['Conv', 'Gemm'].includes(node.op) && node.inputs.some((name) => halves.has(name));
		if (!sums) return [node];
		const widened = node.inputs.map((input, i) => cast(input, `${node.name}/wide/${i}`, FLOAT32));
		const [sum] = node.outputs as [string];
		const inner = {
			...node,
			inputs: widened.flatMap(({ outputs }) => outputs),
			outputs: [`${node.name}/wide`]
		};
		return [...widened, inner, cast(inner.outputs[0]!, sum, FLOAT16)];
	});
	return { ...graph, nodes };
}

function cast(input: string, output: string, to: number): GraphNode {
	return {
		op: 'Cast',
		domain: '',
		name: `${output}/cast`,
		inputs: [input],
		outputs: [output],
		attributes: { to }
	};
}
