import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { tensorsOf } from '../hub/official.node.ts';
import { encodeModel } from '../onnx/encode.ts';
import { elementsOf, type Checkpoint, type StoredTensor } from '../weights/checkpoint.ts';
import { placeWeights } from '../weights/place.ts';
import { parseSam3Config } from './config.ts';
import { buildBrowserGraphs } from './formats.ts';

it('fits into 340 MB in the form for browsers, graphs and all', async () => {
	const config = await readFile(new URL('config.full.json', import.meta.url), 'utf8');
	const checkpoint = await fullSize();
	const build = { weights: checkpoint.tensors, config: parseSam3Config(JSON.parse(config)), size: 1008 };
	const graphs = Object.values(buildBrowserGraphs(build));
	const plan = placeWeights(graphs, checkpoint, { packAll: true });
	const written = graphs.map((graph) => encodeModel(graph, (each) => plan.placementOf(each)).byteLength);
	const megabytes = [plan.bytes, ...written].reduce((sum, bytes) => sum + bytes, 0) / 1e6;
	console.log(`SAM 3 for browsers: ${megabytes.toFixed(1)} MB`);
	expect(megabytes).toBeLessThan(340);
	// Nothing was left out.
	expect(megabytes).toBeGreaterThan(280);
});

/** The official checkpoint, as far as its tensors' names and shapes go. */
async function fullSize(): Promise<Checkpoint> {
	const { shapes } = await tensorsOf('sam3');
	let offset = 0;
	const tensors = Object.entries(shapes).map(([name, shape]): [string, StoredTensor] => {
		const bytes = 4 * elementsOf(shape);
		offset += bytes;
		return [name, { dtype: 'F32', shape, file: 'model.safetensors', offset: offset - bytes, bytes }];
	});
	const read = () => Promise.reject(new Error('it has no numbers'));
	return { tensors: new Map(tensors), metadata: {}, standIn: true, identity: 'full size', read };
}
