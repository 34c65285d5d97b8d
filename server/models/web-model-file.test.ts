import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeModel } from '../../models/onnx/encode.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import { buildBrowserGraphs, buildBrowserTextEncoder } from '../../models/sam3/formats.ts';
import { openPhrases } from '../../models/sam3/open-phrases.node.ts';
import { Phrases } from '../../models/sam3/phrases.ts';
import { smallSize, writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { createTokenizer } from '../../models/sam3/tokenizer.ts';
import { placeOnTable } from '../../models/weights/table.ts';
import { webModel, type WebModel, type WebModelId } from '../protocol/web-model.ts';
import { writeWebModel } from './web-model-file.ts';

let root: string;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-web-model-'));
	await writeSmallSam3(join(root, 'sam3'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const weights = 'a'.repeat(64);
const write = (id: WebModelId, onProgress?: Parameters<typeof writeWebModel>[1]) =>
	writeWebModel({ id, folder: join(root, 'sam3'), cache: join(root, 'cache', id), weights }, onProgress);

const openRuntime = () => createNodeRuntime({ providers: ['cpu'], threads: 1 });
const openPhrasesHere = async () =>
	openPhrases({
		...{ folder: join(root, 'sam3'), cache: root },
		...{ runtime: await openRuntime(), precision: 'float32' }
	});

/** What a form stands for, in short. */
function contentOf({ form, pieces, constants }: WebModel): string {
	const names = [...Object.keys(pieces), ...Object.keys(constants ?? {})].sort().join('\n');
	return `${form} ${createHash('sha256').update(names).digest('hex').slice(0, 12)}`;
}

it('writes SAM 3 in one file, with all that it takes to run its graphs at any size and precision', async () => {
	const seen: number[] = [];
	const { about, path } = await write('sam3', ({ done, total }) => seen.push(done / total));
	expect(seen.at(-1)).toBe(1);
	const content = await readFile(path);
	expect(content.length).toBe(about.bytes);
	expect(createHash('sha256').update(content).digest('hex')).toBe(about.sha256);
	expect(await write('sam3')).toEqual({ about, path });
	expect(await readdir(dirname(path))).toEqual(['like-these.json', basename(path)]);

	const told = webModel.parse(JSON.parse(JSON.stringify(about)));
	expect(told).toEqual(about);
	expect(told).toMatchObject({ model: 'sam3', weights, standIn: true });
	const config = told.config!;
	const phrases = await openPhrasesHere();
	expect(told.constants!.likeThese).toEqual([...(await phrases.tokens('visual'))]);
	await phrases.dispose();
	expect(config.detector_config.vision_config.backbone_config.image_size).toBe(smallSize);
	expect(told.constants!.noMemory).toHaveLength(told.constants!.noObjectPointer.length);
	for (const precision of ['float32', 'float16'] as const) {
		const tensors = new Map(Object.entries(told.tensors));
		const graphs = buildBrowserGraphs({ weights: tensors, config, size: smallSize / 2, precision });
		for (const graph of Object.values(graphs)) placeOnTable(graph, told, 'weights');
	}
});

it('writes what reads words in a file of its own, which reads them as the checkpoint does', async () => {
	const { about, path } = await write('sam3-text');
	const { tensors, tokenizer, config } = webModel.parse(JSON.parse(JSON.stringify(about)));
	const build = { weights: new Map(Object.entries(tensors)), config: config!, size: smallSize };
	const { graph, placementOf } = placeOnTable(buildBrowserTextEncoder(build), about, basename(path));
	const runtime = await openRuntime();
	const text = await runtime.open({ bytes: encodeModel(graph, placementOf), folder: dirname(path) });
	const here = new Phrases({ text }, createTokenizer(tokenizer, config!));
	const there = await openPhrasesHere();
	const [found, expected] = [await here.tokens('a dog'), await there.tokens('a dog')];
	await Promise.all([here.dispose(), there.dispose()]);
	expect(found).toHaveLength(expected.length);
	const distance = Math.hypot(...found.map((value, i) => value - expected[i]!)) / Math.hypot(...expected);
	expect(distance).toBeGreaterThan(0);
	expect(distance).toBeLessThan(0.2);
});

it('writes each in the form that is named: raise it in `webModelForms` when this fails', async () => {
	expect(contentOf((await write('sam3')).about)).toBe('1 d4ec80611fa3');
	expect(contentOf((await write('sam3-text')).about)).toBe('1 de487ce0c4df');
});

it('says what is wrong with the files', async () => {
	await writeFile(join(root, 'sam3', 'tokenizer.json'), '[');
	await expect(write('sam3-text')).rejects.toMatchObject({ code: 'weights-damaged' });
	await rm(join(root, 'sam3', 'config.json'));
	await expect(write('sam3')).rejects.toMatchObject({ code: 'model-damaged' });
});
