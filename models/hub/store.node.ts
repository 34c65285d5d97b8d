import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, modelError } from '../errors.ts';
import type { ModelInfo } from '../registry.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { partOf } from './download.node.ts';
import { fromReading, sha256OfFile, sizeOf } from './files.node.ts';
import { lockModel } from './lock.node.ts';
import { readManifest, readPull, removePull } from './manifest.node.ts';
import type { InstallationState, Manifest, Origin, PullRecord } from './manifest.ts';
import { checkBeside, checkTensors, tensorsOf } from './official.node.ts';
import { removeParts } from './pull.node.ts';

/** What of a model is here. */
export interface Installation {
	readonly state: InstallationState;
	/** Absent when nothing is here. */
	readonly origin?: Origin;
	/** Bytes on the disk. */
	readonly bytes: number;
	readonly manifest?: Manifest;
	/** The record of a download that is not finished. */
	readonly pull?: PullRecord;
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

	/**
	 * What of a model is here, from the names and sizes of its files: quick. What the system refuses to read is a problem of this
	 * model alone, and no error.
	 */
	async inspect(model: ModelInfo): Promise<Installation> {
		try {
			const pull = await readPull(this.folder(model));
			const here = await this.#installed(model);
			// An update leaves what is here in use until it is whole.
			if (!pull || (here.state === 'present' && here.origin === 'hub')) return { ...here, pull };
			return { state: 'partial', origin: 'hub', bytes: await this.#arrived(model, pull), pull };
		} catch (error) {
			const problem = fromReading(error, model.name);
			if (problem instanceof CodedError) return { state: 'damaged', origin: 'by-hand', bytes: 0, problem };
			throw problem;
		}
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

	/**
	 * Removes everything of a model that is here, a download's part too.
	 * @throws CodedError `model-busy` while it is being downloaded
	 */
	async remove(model: ModelInfo): Promise<void> {
		await this.#change(model, (folder) => rm(folder, { recursive: true, force: true }));
	}

	/**
	 * Removes a download that is not finished, and nothing that was here before it.
	 * @throws CodedError `model-busy` while it goes on
	 */
	async discard(model: ModelInfo): Promise<void> {
		await this.#change(model, async (folder) => {
			const pull = await readPull(folder);
			if (!pull) return;
			await removeParts(
				folder,
				pull.files.map(({ path }) => path)
			);
			await removePull(folder);
		});
	}

	/** Changes a model's folder if it is there. */
	async #change(model: ModelInfo, change: (folder: string) => Promise<void>): Promise<void> {
		const folder = this.folder(model);
		if (await isThere(folder)) await lockModel(model, folder, () => change(folder));
	}

	/** What is here apart from a download that is not finished. */
	async #installed(model: ModelInfo): Promise<Installation> {
		const here = await this.#weights(model);
		if (here.state !== 'present') return here;
		try {
			await checkBeside(model.id, this.folder(model));
			return here;
		} catch (problem) {
			if (!(problem instanceof CodedError)) throw problem;
			return { ...here, state: 'damaged', problem };
		}
	}

	async #weights(model: ModelInfo): Promise<Installation> {
		const folder = this.folder(model);
		const manifest = await readManifest(folder);
		if (!manifest) return this.#byHand(model);
		const origin: Origin = manifest.standIn ? 'stand-in' : 'hub';
		const sizes = await Promise.all(manifest.files.map(({ path }) => sizeOf(join(folder, path))));
		const bytes = sizes.reduce<number>((sum, size = 0) => sum + size, 0);
		const wrong = manifest.files.find((file, index) => sizes[index] !== file.bytes);
		if (!wrong) return { state: 'present', origin, bytes, manifest };
		return { state: 'damaged', origin, bytes, manifest, problem: damagedFile(model, wrong.path) };
	}

	/** Bytes of a download that are here. */
	async #arrived(model: ModelInfo, { files }: PullRecord): Promise<number> {
		const sizes = files.map(async ({ path }) => {
			const target = join(this.folder(model), path);
			return (await sizeOf(partOf(target))) ?? (await sizeOf(target)) ?? 0;
		});
		return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
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

function isThere(folder: string): Promise<boolean> {
	return stat(folder).then(
		() => true,
		() => false
	);
}

function damagedFile({ name }: ModelInfo, file: string): CodedError {
	return modelError('model-damaged', { name, file });
}
