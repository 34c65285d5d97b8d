import { mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findModel } from '../registry.ts';
import { readVideoMaMaConfig } from '../videomama/config.node.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { elementsOf } from '../weights/checkpoint.ts';
import { writeSafetensors } from '../weights/safetensors-writer.ts';
import { standInWeight } from '../weights/stand-in.ts';
import { tensorsOf, weightsFilesOf } from './official.node.ts';
import { makeStandIn } from './stand-in.node.ts';
import { ModelStore } from './store.node.ts';

const model = findModel('matanyone2')!;
let store: ModelStore;
let folder: string;

beforeEach(async () => {
	store = new ModelStore(await mkdtemp(join(tmpdir(), 'splazmatte-store-')));
	folder = store.folder(model);
});
afterEach(() => rm(store.root, { recursive: true, force: true }));

/** A small checkpoint, as someone would copy it into the folder. */
async function putByHand(): Promise<string> {
	await mkdir(folder, { recursive: true });
	const chunks: Uint8Array[] = [];
	const tensor = { name: 'a.weight', dtype: 'F32', shape: [4], chunks: () => [new Uint8Array(16)] } as const;
	await writeSafetensors([tensor], {}, (chunk) => void chunks.push(chunk));
	const file = join(folder, 'model.safetensors');
	await writeFile(file, Buffer.concat(chunks));
	return file;
}

describe('the folder of models', () => {
	it('finds weights that someone put there', async () => {
		await putByHand();
		expect(await store.inspect(model)).toEqual({ state: 'present', origin: 'by-hand', bytes: 16 });
	});

	it('tells weights of another model', async () => {
		await putByHand();
		await expect(store.verify(model)).rejects.toMatchObject({ code: 'weights-missing' });
	});

	it('tells weights that are broken off', async () => {
		await truncate(await putByHand(), 100);
		const { state, origin, problem } = await store.inspect(model);
		expect({ state, origin, code: problem?.code }).toEqual({
			...{ state: 'damaged', origin: 'by-hand', code: 'weights-damaged' }
		});
		await expect(store.verify(model)).rejects.toEqual(problem);
	});

	it('tells of a disk that is full, whatever file of stand-in weights it has no room for', async () => {
		const sam3 = findModel('sam3')!;
		await mkdir(store.folder(sam3));
		await symlink('/dev/full', join(store.folder(sam3), 'tokenizer.json'));
		await expect(makeStandIn(store, sam3)).rejects.toMatchObject({ code: 'disk-full' });
		expect((await store.inspect(sam3)).state).toBe('absent');
	});

	it('says what the system refuses to read, and fails for nothing else', async () => {
		await writeFile(folder, 'a file in its place');
		const { state, problem } = await store.inspect(model);
		expect(state).toBe('damaged');
		expect(problem).toMatchObject({
			code: 'weights-unreadable',
			params: { name: 'MatAnyone 2', reason: 'ENOTDIR' }
		});
		expect((await store.inspect(findModel('matanyone')!)).state).toBe('absent');
	});

	it('does not write stand-in weights over trained ones', async () => {
		await putByHand();
		await expect(makeStandIn(store, model)).rejects.toMatchObject({ code: 'model-present' });
	});
});

describe('SAM 3 that someone put there', () => {
	const sam3 = findModel('sam3')!;
	beforeEach(async () => {
		await putByHand();
		await rename(folder, store.folder(sam3));
	});
	const config = (text: string) => writeFile(join(store.folder(sam3), 'config.json'), text);

	it.each([
		['{"model_type": "sam3_video"}', undefined],
		['{"model_type": "sam2_video"}', { code: 'weights-other', params: { found: 'sam2_video' } }],
		['{"model_type": "sam3_tracker"}', { code: 'weights-other', params: { found: 'sam3_tracker' } }],
		['{"model_type": ', { code: 'weights-damaged', params: { file: 'config.json' } }],
		['[]', { code: 'weights-damaged', params: { file: 'config.json' } }]
	])('is what its configuration says: %s', async (text, expected) => {
		await config(text);
		const { state, problem } = await store.inspect(sam3);
		expect(state).toBe(expected ? 'damaged' : 'present');
		if (expected) expect(problem).toMatchObject(expected);
	});

	it('is told to lack its configuration, and its tensors', async () => {
		const { state, problem } = await store.inspect(sam3);
		expect({ state, problem }).toMatchObject({
			state: 'damaged',
			problem: { code: 'model-damaged', params: { name: 'SAM 3', file: 'config.json' } }
		});
		await expect(store.verify(sam3)).rejects.toEqual(problem);
		await config('{"model_type": "sam3_video"}');
		await expect(store.verify(sam3)).rejects.toMatchObject({ code: 'weights-missing' });
	});
});

describe('the lists of tensors', () => {
	it('name every tensor of SAM 3', async () => {
		const { shapes, override, tied } = await tensorsOf('sam3');
		const parameters = Object.values(shapes).reduce((sum, shape) => sum + elementsOf(shape), 0);
		expect([Object.keys(shapes).length, parameters]).toEqual([1797, 859_922_360]);
		expect(shapes['detector_model.vision_encoder.backbone.layers.31.attention.o_proj.bias']).toEqual([1024]);
		for (const name of [...Object.keys(override), ...Object.entries(tied!).flat()])
			expect(shapes).toHaveProperty([name]);
	});
});

describe('VideoMaMa’s list of tensors', () => {
	it('names every one of both networks', async () => {
		const { shapes, override } = await tensorsOf('videomama');
		const of = (prefix: string) => Object.entries(shapes).filter(([name]) => name.startsWith(prefix));
		const parameters = (prefix: string) => of(prefix).reduce((sum, [, shape]) => sum + elementsOf(shape), 0);
		expect([of('unet.').length, parameters('unet.')]).toEqual([1428, 1_524_634_602]);
		expect([of('vae.').length, parameters('vae.')]).toEqual([374, 97_742_847]);
		const mixers = Object.keys(shapes).filter((name) => name.endsWith('mix_factor'));
		expect(Object.keys(override).sort()).toEqual(mixers.sort());
	});
});

describe('a stand-in checkpoint', () => {
	it('has the full size, the tensors of the real one, and says what it is', async () => {
		await makeStandIn(store, model);
		const { state, origin, bytes } = await store.inspect(model);
		expect({ state, origin }).toEqual({ state: 'present', origin: 'stand-in' });
		expect(Math.abs(bytes / model.bytes - 1)).toBeLessThan(0.001);
		expect([...(await store.verify(model)).keys()]).toEqual(['model.safetensors']);
		// Even when the record is lost.
		await rm(join(folder, 'manifest.json'));
		expect(await store.inspect(model)).toMatchObject({ state: 'present', origin: 'stand-in' });
		expect(await store.verify(model)).toEqual(new Map());

		const checkpoint = await openCheckpoint(folder);
		expect(checkpoint.standIn).toBe(true);
		const name = 'pixel_encoder.conv1.weight';
		expect(checkpoint.tensors.get(name)?.shape).toEqual([64, 3, 7, 7]);
		const values = new Float32Array((await checkpoint.read(name)).slice().buffer);
		expect(values).toEqual(standInWeight(name, [64, 3, 7, 7]));
	});

	it('lies in the folders of its parts, with their configurations and types', async () => {
		const videoMaMa = findModel('videomama')!;
		const stop = new AbortController();
		const stopped = makeStandIn(store, videoMaMa, { signal: stop.signal, onBytes: () => stop.abort() });
		await expect(stopped).rejects.toThrow('aborted');
		const here = await readdir(store.folder(videoMaMa), { recursive: true });
		expect(here.sort()).toEqual(['unet', 'unet/config.json', 'vae', 'vae/config.json']);
		const { unet, vae } = await readVideoMaMaConfig(store.folder(videoMaMa));
		expect(unet.num_attention_heads).toEqual([5, 10, 20, 20]);
		expect(vae.scaling_factor).toBe(0.18215);
		const files = weightsFilesOf('videomama').map(({ path, dtype }) => [path, dtype]);
		expect(files.map(([path]) => path)).toEqual(
			videoMaMa.sources.flatMap(({ files }) => files.filter((file) => file.endsWith('.safetensors')))
		);
		expect(files.map(([, dtype]) => dtype)).toEqual(['float32', 'float16']);
	});

	it('leaves nothing behind when it is stopped', async () => {
		await expect(makeStandIn(store, model, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
		expect(await store.inspect(model)).toEqual({ state: 'absent', bytes: 0 });
	});
});
