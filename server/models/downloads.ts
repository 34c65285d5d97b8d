import type { Logger } from 'pino';
import { modelError } from '../../models/errors.ts';
import type { Hub } from '../../models/hub/hub.ts';
import { acceptedLicence, pullModel, type PullProgress } from '../../models/hub/pull.node.ts';
import { Rate } from '../../models/hub/rate.ts';
import type { ModelStore } from '../../models/hub/store.node.ts';
import { findModel, models, type ModelId, type ModelInfo } from '../../models/registry.ts';
import { describeFailure } from '../failure.ts';
import { toErrorBody, type ErrorBody } from '../protocol/errors.ts';
import type { ModelStatus } from '../protocol/models.ts';

interface Running {
	readonly stop: AbortController;
	readonly ended: Promise<void>;
	readonly rate: Rate;
	progress: Pick<PullProgress, 'done' | 'total'>;
}

export interface ModelParts {
	readonly store: ModelStore;
	readonly hub: Hub;
	/** Removes what was made from a model's files. */
	readonly removeMade: (model: ModelId) => Promise<void>;
	readonly log: Logger;
}

/** The models on this server, and the downloads that run: at most one of each model. */
export class ModelDownloads {
	readonly #running = new Map<string, Running>();
	readonly #failed = new Map<string, ErrorBody>();

	constructor(private readonly parts: ModelParts) {}

	list(): Promise<ModelStatus[]> {
		return Promise.all(models.map((model) => this.#status(model)));
	}

	/**
	 * Begins a model's download, or goes on with it; it runs on by itself.
	 * @throws CodedError `model-unknown`, `model-licence`
	 */
	async start(id: string, acceptLicence: boolean): Promise<ModelStatus> {
		const model = known(id);
		const { manifest, pull } = await this.parts.store.inspect(model);
		acceptedLicence(model, pull ?? manifest, acceptLicence);
		if (!this.#running.has(id)) this.#run(model);
		return this.#status(model);
	}

	/** Stops a download and keeps what has arrived. */
	async pause(id: string): Promise<ModelStatus> {
		const model = known(id);
		await this.#stop(id);
		return this.#status(model);
	}

	/** Stops a download and removes what has arrived. @throws CodedError `model-busy` when another program downloads it */
	async cancel(id: string): Promise<ModelStatus> {
		const model = known(id);
		await this.#stop(id);
		await this.parts.store.discard(model);
		return this.#status(model);
	}

	/** Removes everything of a model that is here. @throws CodedError `model-busy` when another program downloads it */
	async remove(id: string): Promise<ModelStatus> {
		const model = known(id);
		await this.#stop(id);
		await this.parts.store.remove(model);
		// What cannot be removed while it is in use is no reason to keep the model.
		await this.parts
			.removeMade(model.id)
			.catch((err) => this.parts.log.error({ err, model: id }, 'cannot remove what was made from a model'));
		return this.#status(model);
	}

	/** @throws CodedError `model-absent`, `model-damaged`, `weights-…` */
	async verify(id: string): Promise<ModelStatus> {
		const model = known(id);
		if (this.#running.has(id)) throw modelError('model-busy', { name: model.name });
		await this.parts.store.verify(model);
		return this.#status(model);
	}

	/** Stops every download; what has arrived is kept. */
	async close(): Promise<void> {
		await Promise.all([...this.#running.keys()].map((id) => this.#stop(id)));
	}

	#run(model: ModelInfo): void {
		const { store, hub, log } = this.parts;
		const { id } = model;
		const stop = new AbortController();
		const onProgress = (progress: PullProgress) => {
			running.progress = progress;
			running.rate.measure(progress.done);
		};
		const options = { hub, acceptLicence: true, signal: stop.signal, onProgress };
		const ended = pullModel(model, store.folder(model), options).then(
			({ sources }) => log.info({ model: id, sources }, 'downloaded a model'),
			(error) => this.#ended(id, stop.signal.aborted ? undefined : error)
		);
		const running: Running = {
			...{ stop, rate: new Rate(), progress: { done: 0, total: 0 } },
			ended: ended.finally(() => this.#running.delete(id))
		};
		this.#failed.delete(id);
		this.#running.set(id, running);
	}

	#ended(model: string, failure: unknown): void {
		if (failure === undefined) return;
		const { error, detail } = describeFailure(failure);
		this.parts.log.error({ model, detail }, 'cannot download a model');
		this.#failed.set(model, error ?? { code: 'internal', params: { id: model } });
	}

	async #stop(id: string): Promise<void> {
		const running = this.#running.get(id);
		running?.stop.abort();
		await running?.ended;
		this.#failed.delete(id);
	}

	async #status(model: ModelInfo): Promise<ModelStatus> {
		const { id, name, licence, codeLicence, bytes } = model;
		const found = await this.parts.store.inspect(model);
		const { state, origin, bytes: bytesHere, problem } = found;
		const record = found.manifest ?? found.pull;
		return {
			...{ id, name, licence, codeLicence, bytes, state, origin, bytesHere },
			sources: model.sources.map(({ repository }, index) => ({
				page: this.parts.hub.page(repository),
				commit: record?.sources?.[index]?.commit
			})),
			accepted: record?.licence?.url === licence.url,
			download: this.#download(id, bytesHere),
			problem: toErrorBody(problem)
		};
	}

	#download(id: string, bytesHere: number): ModelStatus['download'] {
		const running = this.#running.get(id);
		if (running) {
			const { progress, rate } = running;
			return { done: progress.done, total: progress.total, bytesPerSecond: rate.measure(progress.done) };
		}
		const error = this.#failed.get(id);
		return error && { done: bytesHere, total: 0, error };
	}
}

function known(id: string): ModelInfo {
	const model = findModel(id);
	if (!model) throw modelError('model-unknown', { id });
	return model;
}
