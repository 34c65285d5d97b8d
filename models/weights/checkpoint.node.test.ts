import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from './checkpoint.node.ts';
import { standInWeight, writeStandIn } from './stand-in.ts';
import { unpackTorchFile } from './torch-files.fixture.ts';
import { writeWhole } from './write-whole.node.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'checkpoint-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, shapes: Record<string, number[]>) =>
	writeWhole(join(folder, name), 0, (write) => writeStandIn(shapes, {}, write));
const putIndex = (map: unknown) =>
	writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));

test('a folder is opened by the hub’s usual name before any other', async () => {
	await put('other.safetensors', { 'a.weight': [3] });
	await put('model.safetensors', { 'b.weight': [2, 2] });
	const checkpoint = await openCheckpoint(folder);
	expect([...checkpoint.tensors.keys()]).toEqual(['b.weight']);
	const bytes = await checkpoint.read('b.weight');
	expect(new Float32Array(bytes.buffer)).toEqual(standInWeight('b.weight', [2, 2]));
	const named = await openCheckpoint(join(folder, 'other.safetensors'));
	expect([...named.tensors.keys()]).toEqual(['a.weight']);
});

test('a folder with one file of weights is opened by it', async () => {
	await writeFile(join(folder, 'manifest.json'), '{}');
	await writeFile(join(folder, 'model.pth'), await unpackTorchFile('kinds'));
	const checkpoint = await openCheckpoint(folder);
	expect(checkpoint.tensors.get('view')).toMatchObject({ shape: [2, 4], file: 'model.pth' });
	expect(new Float32Array((await checkpoint.read('view')).buffer)[0]).toBe(4);
});

test('a folder from before safetensors is opened by the hub’s usual name then', async () => {
	await writeFile(join(folder, 'pytorch_model.bin'), await unpackTorchFile('legacy'));
	await writeFile(join(folder, 'training.pt'), 'other');
	const { tensors } = await openCheckpoint(folder);
	expect(tensors.get('0.weight')).toMatchObject({ shape: [2, 3], file: 'pytorch_model.bin' });
});

test('weights in several files are one checkpoint', async () => {
	await put('model-1.safetensors', { a: [4], unlisted: [1] });
	await put('model-2.safetensors', { b: [5] });
	await putIndex({ a: 'model-1.safetensors', b: 'model-2.safetensors' });
	const checkpoint = await openCheckpoint(folder);
	expect([...checkpoint.tensors].map(([name, { file }]) => [name, file])).toEqual([
		['a', 'model-1.safetensors'],
		['b', 'model-2.safetensors']
	]);
	expect(checkpoint.standIn).toBe(true);
	expect(new Float32Array((await checkpoint.read('b')).buffer)).toEqual(standInWeight('b', [5]));
});

test('the parts of a model in folders of their own are one checkpoint', async () => {
	for (const part of ['unet', 'vae', 'notes']) await mkdir(join(folder, part));
	const unet = { 'unet.a': [4], 'unet.b.weight': [2, 3] };
	await writeWhole(join(folder, 'unet/diffusion_pytorch_model.safetensors'), 0, (write) =>
		writeStandIn(unet, { prefix: 'unet.' }, write)
	);
	await put('vae/diffusion_pytorch_model.fp16.safetensors', { a: [5] });
	const { tensors, standIn, identity, read } = await openCheckpoint(folder);
	expect([...tensors].map(([name, { file }]) => [name, file])).toEqual([
		['unet.a', 'unet/diffusion_pytorch_model.safetensors'],
		['unet.b.weight', 'unet/diffusion_pytorch_model.safetensors'],
		['vae.a', 'vae/diffusion_pytorch_model.fp16.safetensors']
	]);
	expect(standIn).toBe(true);
	const bytes = await read('unet.b.weight', { offset: 4 });
	expect(new Float32Array(bytes.buffer)).toEqual(standInWeight('unet.b.weight', [2, 3]).subarray(1));
	await expect(read('a')).rejects.toMatchObject({ code: 'weights-missing' });
	await put('vae/diffusion_pytorch_model.fp16.safetensors', { a: [6] });
	expect((await openCheckpoint(folder)).identity).not.toBe(identity);
});

test('a folder without weights, in itself or below, has none', async () => {
	await mkdir(join(folder, 'vae'));
	await writeFile(join(folder, 'vae/config.json'), '{}');
	await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'weights-absent' });
});

test('an index that does not match its files is told', async () => {
	await put('model-1.safetensors', { a: [4] });
	await putIndex({ a: 'model-1.safetensors', b: 'model-1.safetensors' });
	await expect(openCheckpoint(folder)).rejects.toMatchObject({
		...{ code: 'weights-damaged', params: { file: 'model-1.safetensors', reason: 'lacks b' } }
	});
	await putIndex({ a: 'model-2.safetensors' });
	await expect(openCheckpoint(folder)).rejects.toMatchObject({
		...{ code: 'weights-absent', params: { file: 'model-2.safetensors' } }
	});
	await putIndex({ a: '../model-1.safetensors' });
	await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'weights-foreign' });
	await putIndex(undefined);
	await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'weights-foreign' });
	await writeFile(join(folder, 'model.safetensors.index.json'), '{"weight_map": ');
	await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'weights-damaged' });
});

test('where there are no weights, or several, that is told', async () => {
	const absent = { code: 'weights-absent' };
	await expect(openCheckpoint(folder)).rejects.toMatchObject(absent);
	await expect(openCheckpoint(join(folder, 'nowhere'))).rejects.toMatchObject(absent);
	await put('a.safetensors', { a: [1] });
	await put('b.safetensors', { b: [1] });
	await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'weights-foreign' });
	await writeFile(join(folder, 'model.onnx'), 'onnx');
	await expect(openCheckpoint(join(folder, 'model.onnx'))).rejects.toMatchObject({ code: 'weights-foreign' });
	await mkdir(join(folder, 'model.safetensors'));
	await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'weights-foreign' });
});

test('a file that is cut after it was opened is damaged', async () => {
	await put('model.safetensors', { a: [100] });
	const checkpoint = await openCheckpoint(folder);
	await truncate(join(folder, 'model.safetensors'), 100);
	await expect(checkpoint.read('a')).rejects.toMatchObject({ code: 'weights-damaged' });
});

test('reading can be aborted', async () => {
	await put('model.safetensors', { a: [100] });
	const checkpoint = await openCheckpoint(folder);
	const signal = AbortSignal.abort();
	await expect(checkpoint.read('a', { signal })).rejects.toBe(signal.reason);
	await expect(openCheckpoint(folder, signal)).rejects.toBe(signal.reason);
});
