import { encodeModel } from '../onnx/encode.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import type { Network } from '../runtime.ts';
import type { WebRuntime } from '../runtime.web.ts';
import { placeOnTable, type WeightTable } from './table.ts';

/** The name by which graphs call their weights. */
const FILE = 'weights';

/**
 * Loads a graph over a packed file. ONNX Runtime reads the whole of what it is given into memory, and so is given no more of the file than
 * this graph needs.
 * @param weights the packed file
 * @throws CodedError `weights-missing` when it was packed for other graphs, `out-of-memory`, `gpu-lost`
 */
export function openOverTable(
	runtime: Pick<WebRuntime, 'open'>,
	definition: GraphDefinition,
	table: WeightTable,
	weights: Blob
): Promise<Network> {
	const { graph, placementOf } = placeOnTable(definition, table, FILE);
	const parts: Blob[] = [];
	const moved = new Map<number, number>();
	let end = 0;
	const model = encodeModel(graph, (initializer) => {
		const { offset, bytes } = placementOf(initializer);
		if (!moved.has(offset)) {
			moved.set(offset, end);
			parts.push(weights.slice(offset, offset + bytes));
			end += bytes;
		}
		return { file: FILE, offset: moved.get(offset)!, bytes };
	});
	return runtime.open(model, new Map([[FILE, new Blob(parts)]]));
}
