import { z } from 'zod';
import { modelError } from '../errors.ts';
import type { DType, GraphDefinition, GraphNode, Initializer, Placement } from '../onnx/types.ts';
import { storedTypes, type Checkpoint } from './checkpoint.ts';
import { contentKey, type WeightPlan } from './place.ts';

const count = z.number().int().min(0);

/**
 * A packed file with all weights of a model, told so that graphs can be written and loaded over it where the checkpoint is not: in a
 * browser.
 */
export const weightTable = z.object({
	/** Of the packed file, in lower-case hexadecimal. */
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
	bytes: count,
	/** Whether the weights come from a formula and not from training. */
	standIn: z.boolean(),
	/** The checkpoint's tensors, by their names. */
	tensors: z.record(z.string(), z.object({ dtype: z.enum(storedTypes), shape: z.array(count) })),
	/** What the packed file holds, by `contentKey`: where it begins, and how many bytes it has. */
	pieces: z.record(z.string(), z.tuple([count, count]))
});
export type WeightTable = z.infer<typeof weightTable>;

/** Tells of a plan that packs everything. */
export function tableOf(
	{ entries, bytes }: WeightPlan,
	{ tensors, standIn }: Checkpoint,
	sha256: string
): WeightTable {
	return {
		...{ sha256, bytes, standIn },
		tensors: Object.fromEntries(
			[...tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape: [...shape] }])
		),
		pieces: Object.fromEntries(
			entries.map(({ source, dtype, offset, bytes }) => [contentKey(source, dtype), [offset, bytes]])
		)
	};
}

/** A graph over a packed file, ready for `encodeModel`. */
export interface PlacedGraph {
	readonly graph: GraphDefinition;
	placementOf(initializer: Initializer): Placement;
}

/**
 * Writes a graph's weights as references into a packed file. What the file holds in half precision only, and the graph wants in float32,
 * is widened inside the graph, which ONNX Runtime does once, as it loads it.
 * @param file the name by which the graph calls the packed file
 * @throws CodedError `weights-missing` when it was packed for other graphs
 */
export function placeOnTable(graph: GraphDefinition, { pieces }: WeightTable, file: string): PlacedGraph {
	const pieceOf = ({ source }: Initializer, dtype: DType) =>
		source.kind === 'inline' ? undefined : pieces[contentKey(source, dtype)];
	const widened: GraphNode[] = [];
	const initializers = graph.initializers.map((initializer): Initializer => {
		const { name, dtype, source } = initializer;
		if (source.kind === 'inline' || pieceOf(initializer, dtype)) return initializer;
		if (dtype !== 'float32' || !pieceOf(initializer, 'float16'))
			throw modelError('weights-missing', { tensor: name });
		const half = `${name}:half`;
		widened.push({
			...{ op: 'Cast', domain: '', name: half, inputs: [half], outputs: [name] },
			attributes: { to: FLOAT }
		});
		return { ...initializer, name: half, dtype: 'float16' };
	});
	return {
		graph: { ...graph, initializers, nodes: [...widened, ...graph.nodes] },
		placementOf(initializer) {
			const [offset, bytes] = pieceOf(initializer, initializer.dtype)!;
			return { file, offset, bytes };
		}
	};
}

/** ONNX's number for float32. */
const FLOAT = 1;
