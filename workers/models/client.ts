import { proxy } from 'comlink';
import type { WebModelId } from '../../server/protocol/web-model.ts';
import { connect, type Connection } from '../rpc.ts';
import type { OnProgress } from './obtain.ts';
import type { KeptModel, ModelsApi } from './types.ts';

/** What of a model is here, and what fetches and removes it: `ModelsApi` in a worker that lives as long as the page. */
export class ModelsClient implements ModelsApi {
	#connection: Connection<ModelsApi> | undefined;

	constructor(private readonly start: () => Connection<ModelsApi> = startWorker) {}

	list(): Promise<readonly KeptModel[]> {
		return this.#call((api) => api.list());
	}

	download(id: WebModelId, onProgress: OnProgress): Promise<void> {
		return this.#call((api) => api.download(id, proxy(onProgress)));
	}

	stop(id: WebModelId): Promise<void> {
		return this.#call((api) => api.stop(id));
	}

	discard(id: WebModelId): Promise<void> {
		return this.#call((api) => api.discard(id));
	}

	remove(id: WebModelId): Promise<void> {
		return this.#call((api) => api.remove(id));
	}

	/** Ends the worker; what was asked rejects with an AbortError, and what has arrived is gone on with the next time. */
	close(): void {
		this.#connection?.end();
		this.#connection = undefined;
	}

	async #call<T>(call: (api: Connection<ModelsApi>['api']) => Promise<T>): Promise<T> {
		const connection = (this.#connection ??= this.start());
		// A worker that failed is replaced with the next call.
		connection.over.catch(() => {
			if (this.#connection === connection) this.#connection = undefined;
		});
		return connection.settle(call(connection.api));
	}
}

function startWorker(): Connection<ModelsApi> {
	return connect<ModelsApi>(
		new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'models' })
	);
}
