import type { WebModelId } from '../../server/protocol/web-model.ts';
import type { OnProgress } from './obtain.ts';

/** What of a model is in this browser. */
export interface KeptModel {
	readonly id: WebModelId;
	/** What is kept whole. */
	readonly kept?: KeptWeights;
	/** What is on its way in the place of it, or was cut off. */
	readonly part?: KeptWeights & {
		/** Bytes that have arrived. */
		readonly here: number;
		/** Whether it is being fetched now, by this tab or another. */
		readonly running: boolean;
	};
}

export interface KeptWeights {
	/** SHA-256 of the weights that they were made from. */
	readonly weights: string;
	/** Of `webModelForms`. */
	readonly form: string;
	readonly bytes: number;
	readonly standIn: boolean;
}

/** What the worker does that fetches models. */
export interface ModelsApi {
	/** @throws CodedError `storage-refused` where the browser keeps no files for the page */
	list(): Promise<readonly KeptModel[]>;
	/**
	 * Fetches a model, or goes on with it; resolves when it is kept.
	 * @throws CodedError as `downloadModel`; an AbortError after `stop`, and when it was removed meanwhile
	 */
	download(id: WebModelId, onProgress: OnProgress): Promise<void>;
	/** Ends a download and keeps what has arrived; resolves when it has ended. */
	stop(id: WebModelId): Promise<void>;
	/** Ends a download, whichever tab runs it, and removes what has arrived. */
	discard(id: WebModelId): Promise<void>;
	/** Ends a download, whichever tab runs it, and removes all that is here of a model. */
	remove(id: WebModelId): Promise<void>;
}
