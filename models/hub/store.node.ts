import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, modelError } from '../errors.ts';
import type { ModelInfo } from '../registry.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { partOf } from './download.node.ts';
import { sha256OfFile, sizeOf } from './files.node.ts';
import { readManifest } from './manifest.node.ts';
import { isComplete, manifestFile, type InstallationState, type Manifest, type Origin } from './manifest.ts';
import { checkTensors, tensorsOf } from './tensors.node.ts';

/** What of a model is here. */
export interface Installation {
	readonly state: InstallationState;
	/** Absent when nothing is here. */
	readonly origin?: Origin;
	/** Bytes on the disk. */
	readonly bytes: number;
	readonly manifest?: Manifest;
	/** Why it counts as damaged. */
	readonly problem?: CodedError;
}

/** The folder of models: one folder for each, by its id. */
export class ModelStore {
	constructor(readonly root: string) {}

	/** Where a model's files lie, or would. */
	folder({ id }: Pick<ModelInfo, 'id'>): string {
		return join(this.root, id);
	}

	/** What of a model is here, from the names and sizes of its files: quick. */
	async inspect(model: ModelInfo): Promise<Installation> {
		const folder = this.folder(model);
		const manifest = await readManifest(folder);
		if (!manifest) return this.#byHand(model);
		const origin: Origin = manifest.standIn ? 'stand-in' : 'hub';
		const sizes = await Promise.all(
			manifest.files.map(async ({ path }) => ({
				whole: await sizeOf(join(folder, path)),
				part: await sizeOf(partOf(join(folder, path)))
			}))
		);
		const bytes = sizes.reduce((sum, { whole, part }) => sum + (part ?? whole ?? 0), 0);
		if (!isComplete(manifest)) return { state: 'partial', origin, bytes, manifest };
		const wrong = manifest.files.find((file, index) => sizes[index]!.whole !== file.bytes);
		if (!wrong) return { state: 'present', origin, bytes, manifest };
		return { state: 'damaged', origin, bytes, manifest, problem: damagedFile(model, wrong.path) };
	}

	/**
	 * Reads every byte of a model's files and compares them with what was recorded when they came. Of files that someone put there
	 * nothing is recorded: the names and shapes of their tensors are compared with those of the model.
	 * @returns the SHA-256 of each file that has one recorded, by its path; none for files that someone put there
	 * @throws CodedError `model-absent`, `model-damaged`, `weights-…`
	 */
	async verify(model: ModelInfo, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
		const { state, manifest, problem } = await this.inspect(model);
		if (problem) throw problem;
		if (state !== 'present') throw modelError('model-absent', { name: model.name });
		const checked = new Map<string, string>();
		if (!manifest) {
			checkTensors(await openCheckpoint(this.folder(model), signal), await tensorsOf(model.id));
			return checked;
		}
		for (const { path, sha256 } of manifest.files) {
			const found = await sha256OfFile(join(this.folder(model), path), signal);
			if (found !== sha256) throw damagedFile(model, path);
			checked.set(path, found);
		}
		return checked;
	}

	/** Removes everything of a model that is here, a download's part too. */
	async remove(model: ModelInfo): Promise<void> {
		await rm(this.folder(model), { recursive: true, force: true });
	}

	/** Removes a download that is not finished, and nothing that was here before it. */
	async discard(model: ModelInfo): Promise<void> {
		const { state, manifest } = await this.inspect(model);
		if (state !== 'partial') return;
		const folder = this.folder(model);
		for (const { path, sha256 } of manifest!.files) {
			await rm(partOf(join(folder, path)), { force: true });
			if (sha256) await rm(join(folder, path), { force: true });
		}
		await rm(join(folder, manifestFile));
	}

	async #byHand(model: ModelInfo): Promise<Installation> {
		try {
			const { tensors, standIn } = await openCheckpoint(this.folder(model));
			const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
			return { state: 'present', origin: standIn ? 'stand-in' : 'by-hand', bytes };
		} catch (problem) {
			if (!(problem instanceof CodedError)) throw problem;
			if (problem.code === 'weights-absent') return { state: 'absent', bytes: 0 };
			return { state: 'damaged', origin: 'by-hand', bytes: 0, problem };
		}
	}
}

function damagedFile({ name }: ModelInfo, file: string): CodedError {
	return modelError('model-damaged', { name, file });
}
