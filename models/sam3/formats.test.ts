import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tensorsOf } from '../hub/official.node.ts';
import { encodeModel } from '../onnx/encode.ts';
import { storeInHalf } from '../onnx/store-in-half.ts';
import { pixelsOf } from '../parity/sam3-inputs.ts';
import { createNodeRuntime } from '../runtime.node.ts';
import type { Network } from '../runtime.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { elementsOf, type Checkpoint, type StoredTensor } from '../weights/checkpoint.ts';
import { openNetworks } from '../weights/networks.node.ts';
import { placeWeights } from '../weights/place.ts';
import { placeOnTable, tableOf } from '../weights/table.ts';
import { readSam3Config } from './config.node.ts';
import { parseSam3Config } from './config.ts';
import { readConstants } from './constants.ts';
import { encodePixels } from './features.ts';
import { SCORE_BYTES, browserBank, buildBrowserGraphs } from './formats.ts';
import { buildMemoryAttention } from './graphs/memory-attention.ts';
import { defaultSam3Options } from './options.ts';
import { smallSize as size, writeSmallSam3 } from './small-checkpoint.fixture.node.ts';
import { VideoTracker } from './tracker.ts';

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

it('is packed once for every size and precision, and for attention in parts', async () => {
	const config = parseSam3Config(
		JSON.parse(await readFile(new URL('config.full.json', import.meta.url), 'utf8'))
	);
	const checkpoint = await fullSize();
	const build = { weights: checkpoint.tensors, config, size: 1008 };
	const plan = placeWeights(Object.values(buildBrowserGraphs(build)), checkpoint, { packAll: true });
	const table = tableOf(plan, checkpoint, '0'.repeat(64));
	for (const precision of ['float32', 'float16'] as const) {
		const graphs = buildBrowserGraphs({ ...build, size: 504, precision, scoreBytes: SCORE_BYTES });
		for (const graph of Object.values(graphs)) {
			const placed = placeOnTable(graph, table, 'weights');
			const bytes = encodeModel(placed.graph, (each) => placed.placementOf(each)).byteLength;
			expect(bytes).toBeGreaterThan(0);
		}
	}
});

it('follows in the form for browsers, where the bank is of a fixed size, as with one that grows', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'splazmatte-formats-'));
	await writeSmallSam3(folder);
	const [checkpoint, config] = await Promise.all([openCheckpoint(folder), readSam3Config(folder)]);
	const build = { weights: checkpoint.tensors, config, size };
	const { vision, decoder, memoryAttention, memoryEncoder, maskMemory, maskDownsample } =
		buildBrowserGraphs(build);
	const graphs = {
		...{ vision, decoder, memoryAttention, memoryEncoder, maskMemory, maskDownsample },
		grows: storeInHalf(buildMemoryAttention({ ...build, precision: 'float32', blockSize: 32 }))
	};
	const runtime = await createNodeRuntime({ providers: ['cpu'], threads: 2 });
	const networks = await openNetworks(runtime, graphs, { checkpoint, folder, cache: folder });
	try {
		expect(browserBank(config)).toEqual({ maps: 10, pointers: 19 });
		const model = { networks, constants: await readConstants(checkpoint), config, size };
		const trackers = [
			new VideoTracker({ ...model, bank: browserBank(config) }, defaultSam3Options),
			new VideoTracker(
				{ ...model, networks: { ...networks, memoryAttention: networks.grows } },
				defaultSam3Options
			)
		];
		for (let frame = 0; frame < 9; frame++) {
			const features = await encodePixels(networks, pixelsOf(size, frame), size, { detector: false });
			const prompts = [{ kind: 'point', x: 25 + frame, y: 28, positive: true }] as const;
			const picture = { width: size, height: size };
			const found = [];
			for (const tracker of trackers) {
				// More frames with prompts than there is room for.
				const isPrompted = frame === 0 || (frame > 2 && frame < 7);
				if (isPrompted) await tracker.addPrompts(1, frame, features, { prompts, picture });
				if (frame === 1) await tracker.addPrompts(2, frame, features, { prompts, picture });
				found.push(await tracker.track(features, frame));
			}
			const [fixed, grown] = found.map((objects) => objects.map(({ logits }) => [...logits]).flat());
			expect(fixed!.length).toBeGreaterThan(0);
			for (const [i, logit] of fixed!.entries()) expect(Math.abs(logit - grown![i]!)).toBeLessThan(1e-3);
			features.dispose();
		}
	} finally {
		await Promise.all(Object.values<Network>(networks).map((network) => network.release()));
		await rm(folder, { recursive: true });
	}
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
