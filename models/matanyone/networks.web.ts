import type { FloatType } from '../onnx/types.ts';
import { openAll } from '../runtime.ts';
import type { WebRuntime } from '../runtime.web.ts';
import type { WeightTable } from '../weights/table.ts';
import { openOverTable } from '../weights/table.web.ts';
import { buildMatAnyone } from './graph.ts';
import type { OpenNetworks } from './networks.ts';

/** What MatAnyone computes in on a runtime: half precision on graphics cards that know it. */
export function precisionOn({ half }: Pick<WebRuntime, 'half'>): FloatType {
	return half ? 'float16' : 'float32';
}

/** Loads MatAnyone's networks over a packed file of weights, written for the size that is asked for. */
export function openOnTable(runtime: WebRuntime, table: WeightTable, weights: Blob): OpenNetworks {
	const tensors = new Map(Object.entries(table.tensors));
	return ({ width, height }) => {
		const graphs = buildMatAnyone(tensors, { width, height, precision: precisionOn(runtime) });
		return openAll({ ...graphs }, (graph) => openOverTable(runtime, graph, table, weights));
	};
}
