import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GraphDefinition, Initializer } from '../onnx/types.ts';
import { openCheckpoint } from './checkpoint.node.ts';
import { ensurePacked } from './pack.node.ts';
import { placeWeights } from './place.ts';
import { standInWeight, writeStandIn } from './stand-in.ts';
import { writeWhole } from './write-whole.node.ts';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'weights-'));
	await writeStandInFile();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const shapes = { 'fc.weight': [6, 5], 'fc.bias': [6] };
const writeStandInFile = () =>
	writeWhole(join(folder, 'model.safetensors'), 0, (write) => writeStandIn(shapes, {}, write));

const initializer = (dtype: Initializer['dtype'], tensor: keyof typeof shapes): Initializer => ({
	...{ name: tensor, dtype, shape: shapes[tensor], source: { kind: 'tensor', tensor } }
});
const graphOf = (...initializers: Initializer[]): GraphDefinition => ({
	...{ name: 'test', opset: 21, inputs: [], outputs: [], nodes: [], initializers }
});
const halves = graphOf(initializer('float16', 'fc.weight'), initializer('float16', 'fc.bias'));

test('weights that lie in the checkpoint as they are wanted need no file', async () => {
	const checkpoint = await openCheckpoint(folder);
	expect(checkpoint.standIn).toBe(true);
	const plan = placeWeights([graphOf(initializer('float32', 'fc.weight'))], checkpoint);
	expect(await ensurePacked(plan, checkpoint, folder)).toBeUndefined();
	const { file, offset, bytes } = plan.placementOf(initializer('float32', 'fc.weight'));
	const content = (await readFile(join(folder, file))).subarray(offset, offset + bytes);
	expect(new Float32Array(Uint8Array.from(content).buffer)).toEqual(standInWeight('fc.weight', [6, 5]));
});

test('the packed file is written once, and found again', async () => {
	const checkpoint = await openCheckpoint(folder);
	const plan = placeWeights([halves], checkpoint);
	const path = (await ensurePacked(plan, checkpoint, folder))!;
	expect((await readFile(path)).length).toBe(plan.bytes);
	await writeFile(path, new Uint8Array(plan.bytes));
	const again = placeWeights([halves], await openCheckpoint(folder));
	expect(await ensurePacked(again, checkpoint, folder)).toBe(path);
	expect(await readFile(path)).toEqual(Buffer.alloc(plan.bytes));
});

test('a packed file that is too short is written anew', async () => {
	const checkpoint = await openCheckpoint(folder);
	const plan = placeWeights([halves], checkpoint);
	const path = (await ensurePacked(plan, checkpoint, folder))!;
	const content = await readFile(path);
	await truncate(path, 10);
	await ensurePacked(plan, checkpoint, folder);
	expect(await readFile(path)).toEqual(content);
});

test('when the checkpoint is replaced, its packed file is too', async () => {
	const before = placeWeights([halves], await openCheckpoint(folder));
	await ensurePacked(before, await openCheckpoint(folder), folder);
	await utimes(join(folder, 'model.safetensors'), 1000, 1000);
	const checkpoint = await openCheckpoint(folder);
	const after = placeWeights([halves], checkpoint);
	await ensurePacked(after, checkpoint, folder);
	expect(after.file).not.toBe(before.file);
	expect((await readdir(folder)).sort()).toEqual(['model.safetensors', after.file].sort());
});

test('what a crash left is removed, also when the file was written since; what may be under way is not', async () => {
	const checkpoint = await openCheckpoint(folder);
	const plan = placeWeights([halves], checkpoint);
	const path = (await ensurePacked(plan, checkpoint, folder))!;
	const [left, underWay] = [`${path}.part-old`, `${path}.part-new`];
	await Promise.all([left, underWay].map((part) => writeFile(part, 'half')));
	await utimes(left, 1000, 1000);
	await ensurePacked(plan, checkpoint, folder);
	expect(await readdir(folder)).toEqual(['model.safetensors', plan.file, basename(underWay)]);
});

test('nothing is left of a file that could not be written', async () => {
	const checkpoint = await openCheckpoint(folder);
	const plan = placeWeights([halves], checkpoint);
	const failing = { ...checkpoint, read: () => Promise.reject(new Error('unplugged')) };
	await expect(ensurePacked(plan, failing, folder)).rejects.toThrow('unplugged');
	const stopped = { signal: AbortSignal.abort() };
	await expect(ensurePacked(plan, checkpoint, folder, stopped)).rejects.toThrow();
	expect(await readdir(folder)).toEqual(['model.safetensors']);
});

test('a disk that is too small is noticed before anything is written, one that fills up when it does', async () => {
	const path = join(folder, 'large');
	const nothing = () => Promise.reject(new Error('not reached'));
	await expect(writeWhole(path, 2 ** 60, nothing)).rejects.toMatchObject({ code: 'disk-full' });
	const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
	await expect(writeWhole(path, 1, full)).rejects.toMatchObject({ code: 'disk-full' });
	expect(await readdir(folder)).toEqual(['model.safetensors']);
});
