import type { GraphDefinition, GraphNode } from '../onnx/types.ts';

const FLOAT32 = 1;
const FLOAT16 = 10;

/** Operators that move numbers, and compute nothing. */
const moving = new Set([
	...['Cast', 'Concat', 'Expand', 'Reshape', 'Resize', 'Slice', 'Split', 'Squeeze', 'Transpose', 'Unsqueeze']
]);

/**
 * The same graph with each result in float16 computed in float32 and then rounded, as graphics cards do. By itself ONNX Runtime on a CPU
 * sums products in float16, a hundred times slower, and rounds between most other operators not at all, so that a number which is too
 * large for float16 would not be noticed. What happens within an operator is the CPU's: a card may round attention's scores, too.
 */
export function asOnCards(graph: GraphDefinition): GraphDefinition {
	const halves = new Set(
		[...graph.initializers, ...graph.inputs].flatMap(({ name, dtype }) => (dtype === 'float16' ? name : []))
	);
	const nodes: GraphNode[] = [];
	for (const node of graph.nodes) {
		const isHalf = givesHalf(node, halves);
		nodes.push(...(isHalf && !moving.has(node.op) ? widened(node, halves) : [node]));
		if (isHalf) for (const output of node.outputs) halves.add(output);
	}
	return { ...graph, nodes };
}

function givesHalf({ op, inputs, attributes }: GraphNode, halves: ReadonlySet<string>): boolean {
	if (op === 'Cast') return attributes.to === FLOAT16;
	return op !== 'Shape' && halves.has(inputs[0]!);
}

function widened(node: GraphNode, halves: ReadonlySet<string>): GraphNode[] {
	const casts: GraphNode[] = [];
	const inputs = node.inputs.map((input, i) => {
		if (!halves.has(input)) return input;
		const wide = `${node.outputs[0]!}/wide/${i}`;
		casts.push(cast(input, wide, FLOAT32));
		return wide;
	});
	const [output] = node.outputs as [string];
	const result = `${output}/wide`;
	return [...casts, { ...node, inputs, outputs: [result] }, cast(result, output, FLOAT16)];
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
