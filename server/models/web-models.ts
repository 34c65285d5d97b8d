import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../../models/hub/files.node.ts';
import type { ModelStore } from '../../models/hub/store.node.ts';
import { buildMatAnyone } from '../../models/matanyone/graph.ts';
import { engines, findModel, type EngineId, type ModelInfo } from '../../models/registry.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import { ensurePacked } from '../../models/weights/pack.node.ts';
import { placeWeights } from '../../models/weights/place.ts';
import { tableOf } from '../../models/weights/table.ts';
import type { EngineState } from '../engines/catalogue.ts';
import { appError } from '../protocol/errors.ts';
import { webModelIds, type WebModel, type WebModelId } from '../protocol/web-model.ts';

/** A model as a browser gets it. */
export interface ServedModel {
	readonly about: WebModel;
	/** The packed file. */
	readonly path: string;
}

/** Any size that the network takes will do: the weights are the same for all. */
const size = { width: 96, height: 96 };

/** The models that compute in browsers: their weights in half precision, in one file, made once. */
export class WebModels {
	/** By the SHA-256 of the weights that they were made from. */
	readonly #made = new Map<string, Promise<ServedModel>>();

	/** @param cache a folder of ours that can be written */
	constructor(
		private readonly store: ModelStore,
		private readonly stateOf: (engine: EngineId) => Promise<Pick<EngineState, 'problem' | 'weights'>>,
		private readonly cache: string
	) {}

	/**
	 * A model, made ready first where it is not.
	 * @throws CodedError `model-unknown` where no engine of browsers has it, `model-absent`, `model-damaged`, `weights-…`, `disk-full`
	 */
	async of(id: string): Promise<ServedModel> {
		const model = findModel(id);
		const webId = webModelIds.find((each) => each === id);
		const engine = engines.find((info) => info.model === id && info.places.includes('browser'));
		if (!model || !webId || !engine) throw appError('model-unknown', { id });
		const { problem, weights } = await this.stateOf(engine.id);
		if (problem) throw problem;
		const known = this.#made.get(weights!) ?? this.#make(model, webId, weights!);
		const made = await known;
		if (await isThere(made.path)) return made;
		// Someone removed it; whoever sees that first makes it anew.
		const newer = this.#made.get(weights!);
		return newer && newer !== known ? newer : this.#make(model, webId, weights!);
	}

	/** Whoever asks meanwhile waits for the same file. */
	#make(model: ModelInfo, id: WebModelId, weights: string): Promise<ServedModel> {
		const making = pack(this.store.folder(model), join(this.cache, model.id), { model: id, weights });
		this.#made.set(weights, making);
		making.catch(() => this.#made.delete(weights));
		return making;
	}
}

async function pack(
	folder: string,
	cache: string,
	about: Pick<WebModel, 'model' | 'weights'>
): Promise<ServedModel> {
	const checkpoint = await openCheckpoint(folder);
	const graphs = buildMatAnyone(checkpoint.tensors, { ...size, precision: 'float16' });
	const plan = placeWeights(Object.values(graphs), checkpoint, { packAll: true });
	await mkdir(cache, { recursive: true });
	const path = (await ensurePacked(plan, checkpoint, cache))!;
	return { path, about: { ...about, ...tableOf(plan, checkpoint, await sha256OfFile(path)) } };
}

function isThere(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false
	);
}
