import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { ModelInfo } from '../registry.ts';
import { writeStandIn } from '../weights/stand-in.ts';
import { partOf } from './download.node.ts';
import { fromDisk, stampOf } from './files.node.ts';
import { writeManifest } from './manifest.node.ts';
import type { Manifest } from './manifest.ts';
import { besideStandIn, tensorsOf } from './official.node.ts';
import type { ModelStore } from './store.node.ts';

const weightsFile = 'model.safetensors';

export interface StandInRequest {
	/** Scales the amplitude of matrices and kernels; 1 when left out. */
	readonly gain?: number;
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
	{ gain, signal, onBytes }: StandInRequest = {}
): Promise<Manifest> {
	const { state, origin } = await store.inspect(model);
	if (state !== 'absent' && origin !== 'stand-in') throw modelError('model-present', { name: model.name });
	const { shapes, override, tied } = await tensorsOf(model.id);
	const folder = store.folder(model);
	const target = join(folder, weightsFile);
	const part = partOf(target);
	await mkdir(folder, { recursive: true });

	try {
		// First what is small: a disk that is full tells it at once.
		const beside = await besideStandIn(model.id);
		for (const [path, content] of Object.entries(beside)) await writeFile(join(folder, path), content);
		const sha256 = await writeWeights();
		await rename(part, target);
		const files = [{ path: weightsFile, sha256, ...(await stampOf(target)) }];
		for (const [path, content] of Object.entries(beside)) {
			const sha256 = createHash('sha256').update(content).digest('hex');
			files.push({ path, sha256, ...(await stampOf(join(folder, path))) });
		}
		const manifest = { model: model.id, files, standIn: true };
		await writeManifest(folder, manifest);
		return manifest;
	} catch (error) {
		await rm(part, { force: true });
		throw fromDisk(error);
	}

	async function writeWeights(): Promise<string> {
		const hash = createHash('sha256');
		let bytes = 0;
		const file = await open(part, 'w');
		try {
			await writeStandIn(shapes, { gain, override, tied }, async (chunk) => {
				signal?.throwIfAborted();
				await file.appendFile(chunk);
				hash.update(chunk);
				bytes += chunk.byteLength;
				onBytes?.(bytes);
			});
		} finally {
			await file.close();
		}
		return hash.digest('hex');
	}
}
