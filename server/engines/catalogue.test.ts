import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stampOf } from '../../models/hub/files.node.ts';
import { writeManifest } from '../../models/hub/manifest.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import { videoMaMaPresets } from '../../models/videomama/presets.ts';
import { writeSmallVideoMaMa } from '../../models/videomama/small-checkpoint.fixture.node.ts';
import { writeStandIn } from '../../models/weights/stand-in.ts';
import { EngineCatalogue, type EngineSettings } from './catalogue.ts';
import { workingPixels } from './memory.ts';
import type { RuntimeFacts } from './runtime-probe.ts';

const settings: EngineSettings = { memoryBudget: 8e9, gpuMemoryBudget: 0, precision: 'auto', threads: 3 };
const cpu: RuntimeFacts = { provider: 'cpu', reasons: [] };
const cuda: RuntimeFacts = { provider: 'cuda', reasons: [], deviceMemory: 10e9 };
const fullHd = { width: 1920, height: 1080 };

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-catalogue-'));
});
afterEach(() => rm(root, { recursive: true }));

function open(runtime = cpu, changes: Partial<EngineSettings> = {}): EngineCatalogue {
	const models = new ModelStore(join(root, 'weights'));
	return new EngineCatalogue(models, join(root, 'cache'), Promise.resolve(runtime), {
		...settings,
		...changes
	});
}

/** Puts a weights file with one tensor there by hand. */
async function putWeights(value: number): Promise<string> {
	const header = JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).padEnd(64);
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(64n);
	const content = Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.of(value).buffer)]);
	await mkdir(join(root, 'weights/matanyone2'), { recursive: true });
	await writeFile(join(root, 'weights/matanyone2/model.safetensors'), content);
	return createHash('sha256').update(content).digest('hex');
}

describe('the catalogue of engines', () => {
	it('has the embedded engine always, others with their weights', async () => {
		const catalogue = open();
		expect(await catalogue.ready('classic')).toEqual({ id: 'classic', provider: 'cpu', standIn: false });
		const absent = { problem: { code: 'model-absent', params: { name: 'MatAnyone 2' } } };
		expect(await catalogue.state('matanyone2')).toMatchObject(absent);
		await expect(catalogue.ready('matanyone2')).rejects.toMatchObject({ code: 'model-absent' });
		await putWeights(1);
		expect(await catalogue.state('matanyone2')).toMatchObject({ provider: 'cpu', standIn: false });
	});

	it('names weights by what is in them', async () => {
		const catalogue = open();
		const first = await putWeights(1);
		expect((await catalogue.state('matanyone2')).weights).toBe(first);
		expect((await catalogue.state('matanyone2-web')).weights).toBe(first);
		const second = await putWeights(2);
		expect((await catalogue.state('matanyone2')).weights).toBe(second);
		expect(second).not.toBe(first);
	});

	it('does not take weights that were put in the place of downloaded ones for these', async () => {
		const catalogue = open();
		await putWeights(1);
		const file = join(root, 'weights/matanyone2/model.safetensors');
		const recorded = 'a'.repeat(64);
		const files = [{ path: 'model.safetensors', sha256: recorded, ...(await stampOf(file)) }];
		await writeManifest(join(root, 'weights/matanyone2'), { model: 'matanyone2', files, standIn: true });
		expect(await catalogue.state('matanyone2')).toMatchObject({ weights: recorded, standIn: false });
		const other = await putWeights(2);
		await utimes(file, 1, 1);
		expect((await catalogue.state('matanyone2')).weights).toBe(other);
	});

	it('does not keep a look at all engines waiting for weights that must be read first', async () => {
		const weights = await putWeights(1);
		const catalogue = open();
		const { problem } = await catalogue.state('matanyone2', 'glance');
		expect(problem).toMatchObject({ code: 'model-reading', params: { name: 'MatAnyone 2' } });
		expect(await catalogue.state('matanyone2')).toMatchObject({ weights, setup: { weights } });
		expect(await open().state('matanyone2', 'glance')).toMatchObject({ weights });
	});

	it('names SAM 3 by all files that it reads, so that none is used on in the place of another', async () => {
		const folder = join(root, 'weights/sam3');
		await writeSmallSam3(folder);
		const name = async () => (await open().readySegmenter('sam3')).setup!.weights;
		const whole = await name();
		await rename(join(folder, 'tokenizer.json'), join(root, 'tokenizer.json'));
		const wordless = await name();
		await rename(join(root, 'tokenizer.json'), join(folder, 'tokenizer.json'));
		expect(await name()).toBe(whole);
		await appendFile(join(folder, 'config.json'), ' ');
		expect(new Set([whole, wordless, await name()]).size).toBe(3);
	});

	it('misses no runtime where there is nothing to run on it', async () => {
		const problem = { code: 'provider-failed', params: { provider: 'cpu', problem: 'no library' } } as const;
		const catalogue = open({ ...cpu, problem });
		expect(await catalogue.readySegmenter(undefined)).toMatchObject({ id: 'classic' });
		await expect(catalogue.readySegmenter('sam3')).rejects.toMatchObject({ code: 'model-absent' });
		await writeSmallSam3(join(root, 'weights/sam3'));
		await expect(catalogue.readySegmenter(undefined)).rejects.toMatchObject({ code: 'provider-failed' });
	});

	it('has the other engines where one model cannot be read', async () => {
		await mkdir(join(root, 'weights'));
		await writeFile(join(root, 'weights/matanyone2'), 'a file in its place');
		const catalogue = open();
		expect((await catalogue.state('matanyone2')).problem).toMatchObject({ code: 'weights-unreadable' });
		expect((await catalogue.state('matanyone')).problem).toMatchObject({ code: 'model-absent' });
	});

	it('says what is wrong with weights that are damaged', async () => {
		await mkdir(join(root, 'weights/matanyone2'), { recursive: true });
		await writeFile(join(root, 'weights/matanyone2/model.safetensors'), 'no weights');
		const { problem, weights } = await open().state('matanyone2');
		expect(problem?.code).toMatch(/^weights-/);
		expect(weights).toBeUndefined();
	});

	it('computes in half precision on CUDA, unless told otherwise', async () => {
		await putWeights(1);
		const setup = async (catalogue: EngineCatalogue) => (await catalogue.ready('matanyone2')).setup;
		expect(await setup(open())).toMatchObject({
			provider: 'cpu',
			precision: 'float32',
			threads: 3,
			memory: 8e9
		});
		expect(await setup(open(cuda))).toMatchObject({ provider: 'cuda', precision: 'float16', memory: 9e9 });
		const told = { precision: 'float32', gpuMemoryBudget: 5e9 } as const;
		expect(await setup(open(cuda, told))).toMatchObject({ precision: 'float32', memory: 5e9 });
	});

	it('leaves engines of browsers to browsers', async () => {
		await putWeights(1);
		expect(await open(cuda).state('matanyone2-web')).toMatchObject({ provider: 'browser', setup: undefined });
		await expect(open().ready('matanyone2-web')).rejects.toMatchObject({ code: 'engine-unavailable' });
	});

	it('has VideoMaMa where both of its parts are, and names it by all of their files', async () => {
		const folder = join(root, 'weights/videomama');
		const roomy = { memoryBudget: 64e9 };
		const state = () => open(cpu, roomy).state('videomama');
		expect((await state()).problem).toMatchObject({ code: 'model-absent', params: { name: 'VideoMaMa' } });
		await writeSmallVideoMaMa(folder);
		const { setup, standIn, problem } = await state();
		expect({ standIn, problem }).toEqual({ standIn: true, problem: undefined });
		expect(setup).toMatchObject({ provider: 'cpu', precision: 'float32' });
		await appendFile(join(folder, 'vae/config.json'), ' ');
		expect((await state()).weights).not.toBe(setup!.weights);

		const missing = async (path: string) => {
			await rename(join(folder, path), join(root, 'away'));
			const { problem } = await state();
			await rename(join(root, 'away'), join(folder, path));
			return problem;
		};
		const damaged = { code: 'model-damaged', params: { name: 'VideoMaMa', file: 'vae/config.json' } };
		expect(await missing('vae')).toMatchObject(damaged);
		expect(await missing('vae/config.json')).toMatchObject(damaged);
		const vae = 'vae/diffusion_pytorch_model.fp16.safetensors';
		expect(await missing(vae)).toMatchObject({ code: 'weights-absent', params: { file: 'vae' } });
		expect(await missing('unet')).toMatchObject({ params: { file: 'unet/config.json' } });
	});

	it('tells a UNet that is Stable Video Diffusion’s own', async () => {
		const folder = join(root, 'weights/videomama');
		await writeSmallVideoMaMa(folder);
		const config = join(folder, 'unet/config.json');
		const ours = await readFile(config, 'utf8');
		await writeFile(config, JSON.stringify({ ...JSON.parse(ours), in_channels: 8 }));
		expect((await open().state('videomama')).problem).toMatchObject({ code: 'weights-svd' });
		await writeFile(config, ours);
		// Its weights beside our configuration.
		const weights = join(folder, 'unet/diffusion_pytorch_model.safetensors');
		await rm(weights);
		await writeStandIn({ 'conv_in.weight': [32, 8, 3, 3] }, {}, (chunk) => appendFile(weights, chunk));
		expect((await open().state('videomama')).problem).toMatchObject({ code: 'weights-svd' });
	});

	it('refuses VideoMaMa where there is no room for its smallest preset, and knows what others take', async () => {
		await writeSmallVideoMaMa(join(root, 'weights/videomama'));
		const small = { ...cuda, deviceMemory: 6 * 2 ** 30 };
		const problem = { code: 'engine-memory', params: { limit: 3.6 } };
		expect((await open({ ...cuda, deviceMemory: 4e9 }).state('videomama')).problem).toMatchObject(problem);
		const catalogue = open(small);
		const state = await catalogue.ready('videomama');
		const need = async (changes: object) => {
			const videomama = { ...defaultVideoMaMaOptions, ...changes };
			return (await catalogue.need(state, fullHd, { ...defaultMatteOptions, videomama })).device;
		};
		const [smallest] = videoMaMaPresets;
		expect(await need(smallest)).toBeLessThan(5.8e9);
		expect(await need({})).toBeGreaterThan(6e9);
		expect(await need({ allowSmaller: true })).toBe((await catalogue.budget()).device);
	});

	it('estimates the memory of the processor that computes', async () => {
		await putWeights(1);
		const onCpu = open();
		const state = await onCpu.ready('matanyone2');
		const whole = await onCpu.need(state, fullHd, defaultMatteOptions);
		expect(whole.main).toBeGreaterThan(3e9);
		expect(whole.device).toBe(0);
		const matanyone = { ...defaultMatAnyoneOptions, maxSize: 540 };
		const half = await onCpu.need(state, fullHd, { ...defaultMatteOptions, matanyone });
		expect(half.main).toBeLessThan(whole.main / 2);

		const onCard = open(cuda);
		const there = await onCard.need(await onCard.ready('matanyone2'), fullHd, defaultMatteOptions);
		expect(there.main).toBeLessThan(1e9);
		expect(there.device).toBeGreaterThan(2e9);
	});

	it('takes a job that may work smaller, or on a part, for one that fits', async () => {
		await putWeights(1);
		const catalogue = open(cpu, { memoryBudget: 1e9 });
		const state = await catalogue.ready('matanyone2');
		const need = (changes: object) =>
			catalogue.need(state, fullHd, {
				...defaultMatteOptions,
				matanyone: { ...defaultMatAnyoneOptions, ...changes }
			});
		expect((await need({})).main).toBeGreaterThan(1e9);
		expect((await need({ allowSmaller: true })).main).toBe(1e9);
		expect((await need({ crop: true })).main).toBe(1e9);
		const pixels = workingPixels(state.setup!, defaultMatAnyoneOptions);
		expect(pixels).toBeGreaterThan(200 * 200);
		expect(pixels).toBeLessThan(1920 * 1080);
	});

	it('takes SAM 3 where it is here, else the classic segmenter, and nothing else than what was asked for', async () => {
		const catalogue = open();
		expect(await catalogue.readySegmenter(undefined)).toEqual({
			id: 'classic',
			provider: 'cpu',
			standIn: false
		});
		const absent = { code: 'model-absent' };
		await expect(catalogue.readySegmenter('sam3')).rejects.toMatchObject(absent);
		await expect(catalogue.readySegmenter(undefined, true)).rejects.toMatchObject(absent);
		await writeSmallSam3(join(root, 'weights/sam3'));
		const state = await catalogue.readySegmenter(undefined);
		expect(state).toMatchObject({
			id: 'sam3',
			standIn: true,
			setup: { provider: 'cpu', precision: 'float32' }
		});
		expect(await catalogue.readySegmenter('classic')).toMatchObject({ id: 'classic' });
		expect(catalogue.needSegmenter(state, fullHd).main).toBeGreaterThan(4e9);
		await rm(join(root, 'weights/sam3/config.json'));
		await expect(catalogue.readySegmenter(undefined)).rejects.toMatchObject({ code: 'model-damaged' });
	});
});
