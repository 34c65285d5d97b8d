import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { encodeModel } from '../../../models/onnx/encode.ts';
import { createNodeRuntime } from '../../../models/runtime.node.ts';
import { openAll, type Network } from '../../../models/runtime.ts';
import { browserBank, buildBrowserGraphs } from '../../../models/sam3/formats.ts';
import type { Sam3Table } from '../../../models/sam3/networks.web.ts';
import { createSam3Segmenter } from '../../../models/sam3/segmenter.ts';
import type { Segmenter } from '../../../models/segmenter.ts';
import { placeOnTable } from '../../../models/weights/table.ts';
import { phrases } from './phrases.ts';
import type { PackedSam3 } from './small-sam3.ts';

/**
 * SAM 3 as a browser has it, in Node.
 * @param size the side of the input in pixels
 * @returns `ran`: the networks that ran since
 */
export async function openSam3InNode(
	{ packed, about }: PackedSam3,
	size: number
): Promise<{ readonly segmenter: Segmenter; readonly ran: ReadonlySet<string> }> {
	const { config, constants, ...table } = JSON.parse(await readFile(about, 'utf8')) as Required<Sam3Table>;
	const runtime = await createNodeRuntime({ providers: ['cpu'], threads: 2 });
	const weights = new Map(Object.entries(table.tensors));
	const ran = new Set<string>();
	const graphs = buildBrowserGraphs({ weights, config, size });
	const networks = await openAll(graphs, async (definition, name): Promise<Network> => {
		const { graph, placementOf } = placeOnTable(definition, table, basename(packed));
		const network = await runtime.open({
			...{ bytes: encodeModel(graph, placementOf), folder: dirname(packed) }
		});
		const run: Network['run'] = (...asked) => network.run(...asked).finally(() => ran.add(name));
		return { run, release: () => network.release() };
	});
	const segmenter = createSam3Segmenter({
		...{ networks, config, size, phrases, bank: browserBank(config) },
		constants: {
			noMemory: Float32Array.from(constants.noMemory),
			noObjectPointer: Float32Array.from(constants.noObjectPointer)
		}
	});
	return { segmenter, ran };
}
