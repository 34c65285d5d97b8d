import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { modelError } from '../errors.ts';
import type { FloatType } from '../onnx/types.ts';
import type { ModelInfo } from '../registry.ts';
import { writeStandIn } from '../weights/stand-in.ts';
import { partOf } from './download.node.ts';
import { fromDisk, stampOf } from './files.node.ts';
import { writeManifest } from './manifest.node.ts';
import type { Manifest } from './manifest.ts';
import { besideStandIn, tensorsOf, weightsFilesOf, type WeightsFile } from './official.node.ts';
import type { ModelStore } from './store.node.ts';

export interface StandInRequest {
	/** Scales the amplitude of matrices and kernels; 1 when left out. */
	readonly gain?: number;
	/** What the numbers are stored in; as the authors publish them when left out. */
	readonly dtype?: FloatType;
	readonly signal?: AbortSignal;
	readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes a checkpoint of a model's full size with weights from a formula, for tests and benchmarks where the trained ones are not
 * at hand: it costs the same to run, and what it answers means nothing.
 * @throws CodedError `model-present` rather than overwrite trained weights; `disk-full`
 */
export async function makeStandIn(
	store: ModelStore,
	model: ModelInfo,
	{ gain, dtype, signal, onBytes }: StandInRequest = {}
): Promise<Manifest> {
	const { state, origin } = await store.inspect(model);
	if (state !== 'absent' && origin !== 'stand-in') throw modelError('model-present', { name: model.name });
	const { shapes, override, tied } = await tensorsOf(model.id);
	const folder = store.folder(model);
	const weights = weightsFilesOf(model.id);
	const beside = await besideStandIn(model.id);
	for (const path of [...weights.map(({ path }) => path), ...Object.keys(beside)]) {
		await mkdir(dirname(join(folder, path)), { recursive: true });
	}

	let written = 0;
	try {
		// First what is small: a disk that is full tells it at once.
		for (const [path, content] of Object.entries(beside)) await writeFile(join(folder, path), content);
		const hashes: string[] = [];
		for (const file of weights) hashes.push(await writeWeights(file));
		const files: Manifest['files'] = [];
		for (const [index, { path }] of weights.entries()) {
			const target = join(folder, path);
			await rename(partOf(target), target);
			files.push({ path, sha256: hashes[index]!, ...(await stampOf(target)) });
		}
		for (const [path, content] of Object.entries(beside)) {
			const sha256 = createHash('sha256').update(content).digest('hex');
			files.push({ path, sha256, ...(await stampOf(join(folder, path))) });
		}
		const manifest = { model: model.id, files, standIn: true };
		await writeManifest(folder, manifest);
		return manifest;
	} catch (error) {
		for (const { path } of weights) await rm(partOf(join(folder, path)), { force: true });
		throw fromDisk(error);
	}

	async function writeWeights({ path, prefix, dtype: published }: WeightsFile): Promise<string> {
		const hash = createHash('sha256');
		const own = Object.fromEntries(Object.entries(shapes).filter(([name]) => name.startsWith(prefix)));
		const options = { gain, override, tied, prefix, dtype: dtype ?? published };
		const file = await open(partOf(join(folder, path)), 'w');
		try {
			await writeStandIn(own, options, async (chunk) => {
				signal?.throwIfAborted();
				await file.appendFile(chunk);
				hash.update(chunk);
				written += chunk.byteLength;
				onBytes?.(written);
			});
		} finally {
			await file.close();
		}
		return hash.digest('hex');
	}
}
