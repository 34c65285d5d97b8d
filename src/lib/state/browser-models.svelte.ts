import type { WebModelId, WebModelOffer } from '$protocol/web-model.ts';
import type { ErrorBody } from '$protocol/errors.ts';

/** What of a model is in this browser: `partial`, some of it, to go on with; `preparing`, the server makes it ready. */
export type BrowserModelState = 'absent' | 'partial' | 'preparing' | 'downloading' | 'kept';

/** How far a download, or its making on the server, is. In bytes. */
export interface BrowserModelProgress {
	readonly done: number;
	readonly total: number;
}

/** A model that this browser can keep. */
export interface BrowserModel {
	readonly id: WebModelId;
	readonly state: BrowserModelState;
	/** Of its file; undefined while neither the server nor this browser knows. */
	readonly bytes: number | undefined;
	/** SHA-256 of the weights that what is kept was made from. */
	readonly weights?: string;
	readonly standIn: boolean;
	/** What the server has; undefined while it is away. */
	readonly offer?: WebModelOffer;
	readonly progress?: BrowserModelProgress;
	/** Why the last download did not come to its end. */
	readonly problem?: ErrorBody;
	/** Whether the server has other weights than those kept here. */
	readonly outdated: boolean;
}
