import type { Api } from '$lib/api/client.ts';
import { askToPersist } from '$lib/storage/quota.ts';
import { toErrorBody, type ErrorBody } from '$protocol/errors.ts';
import { webModelBytes, webModelIds, type WebModelId, type WebModelOffer } from '$protocol/web-model.ts';
import { ModelsClient } from '$workers/models/client.ts';
import { keptModelsChannel } from '$workers/models/kept-models.ts';
import type { KeptModel, KeptWeights, ModelsApi } from '$workers/models/types.ts';
import { Rate } from '$models/hub/rate.ts';
import { shownError } from './shown-error.ts';

/** What of a model is in this browser: `partial`, some of it, to go on with; `preparing`, the server makes it ready for this browser. */
export type BrowserModelState = 'absent' | 'partial' | 'preparing' | 'downloading' | 'kept';

/** How far a download, or its making on the server, is. In bytes; total is 0 while it is not known. */
export interface BrowserModelProgress {
	readonly done: number;
	readonly total: number;
	readonly bytesPerSecond?: number;
}

/** A model that this browser can keep. */
export interface BrowserModel {
	readonly id: WebModelId;
	readonly state: BrowserModelState;
	/** What is kept whole; also while newer weights are on their way. */
	readonly kept?: KeptWeights;
	/** Of its file, about until the server has made it. */
	readonly bytes: number;
	/** What the server has; undefined while that is not known. */
	readonly offer?: WebModelOffer;
	readonly progress?: BrowserModelProgress;
	/** Whether a download was told to stop and has not yet. */
	readonly stopping: boolean;
	/** Whether another tab fetches it. */
	readonly elsewhere: boolean;
	/** Why the last download did not come to its end. */
	readonly problem?: ErrorBody;
	/** Whether the server has other weights than those kept here, or the same in another form. */
	readonly outdated: boolean;
}

export interface BrowserModelsParts {
	readonly api: Pick<Api, 'webModels'>;
	readonly tell: (error: unknown) => void;
	/** Called when a model that was asked for has come. */
	readonly ready: (id: WebModelId) => void;
	readonly client?: ModelsApi;
	readonly persist?: () => Promise<boolean>;
}

/** A download that this tab runs. */
interface Running {
	readonly run: symbol;
	/** It was told to stop, which takes a moment. */
	readonly stopping?: boolean;
	readonly stage: 'preparing' | 'downloading';
	readonly progress: BrowserModelProgress;
}

/** Milliseconds from one look at a download in another tab to the next. */
const INTERVAL = 1000;

/** The models that this browser keeps to compute by itself, and their downloads, which go on whichever page is shown. */
export class BrowserModels {
	/** Why this browser keeps none, for as long as it does not. */
	problem = $state.raw<ErrorBody>();
	/** Whether it was looked what is kept. */
	loaded = $state(false);
	#here = $state.raw<readonly KeptModel[]>([]);
	#offers = $state.raw<readonly WebModelOffer[]>([]);
	#running = $state.raw<Readonly<Partial<Record<WebModelId, Running>>>>({});
	#problems = $state.raw<Readonly<Partial<Record<WebModelId, ErrorBody>>>>({});

	readonly list = $derived(webModelIds.map((id) => this.#describe(id)));

	readonly #client: ModelsApi;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(private readonly parts: BrowserModelsParts) {
		this.#client = parts.client ?? new ModelsClient();
	}

	/** Looks what is kept, now and whenever that changes in any tab. @returns how to stop */
	start(): () => void {
		const channel = new BroadcastChannel(keptModelsChannel);
		channel.onmessage = () => void this.look();
		void this.look();
		return () => {
			channel.close();
			clearTimeout(this.#timer);
		};
	}

	find(id: WebModelId): BrowserModel {
		return this.list.find((model) => model.id === id)!;
	}

	stateOf(id: WebModelId): BrowserModelState {
		return this.find(id).state;
	}

	/** Looks what is kept. */
	async look(): Promise<void> {
		clearTimeout(this.#timer);
		try {
			this.#here = await this.#client.list();
			this.problem = undefined;
		} catch (error) {
			this.problem = shownError(error);
		}
		this.loaded = true;
		if (this.list.some(({ elsewhere }) => elsewhere))
			this.#timer = setTimeout(() => void this.look(), INTERVAL);
	}

	/** Asks the server what it has. */
	async load(): Promise<void> {
		try {
			this.#offers = await this.parts.api.webModels();
		} catch (error) {
			if (toErrorBody(error)?.code !== 'server-away') this.parts.tell(error);
		}
	}

	/** Fetches a model, or goes on with it, until it is here, paused or cut off; why, is told beside it. */
	async download(id: WebModelId): Promise<void> {
		if (this.#running[id]) return;
		this.#problems = { ...this.#problems, [id]: undefined };
		const run = Symbol(id);
		/** Until it is told to stop; messages may still be on their way then. */
		const isOn = () => this.#running[id]?.run === run && !this.#running[id].stopping;
		const rate = new Rate();
		this.#set(id, { run, stage: 'preparing', progress: { done: 0, total: 0 } });
		try {
			void (this.parts.persist ?? askToPersist)();
			await this.#client.download(id, (stage, done, total) => {
				if (!isOn()) return;
				if (stage === 'prepare') this.#set(id, { run, stage: 'preparing', progress: { done, total } });
				else {
					const bytesPerSecond = rate.measure(done);
					this.#set(id, { run, stage: 'downloading', progress: { done, total, bytesPerSecond } });
				}
			});
			await this.look();
			this.parts.ready(id);
		} catch (error) {
			// What the user stopped, here or in another tab, is no problem.
			if (isOn() && !isAbort(error)) this.#problems = { ...this.#problems, [id]: shownError(error) };
			await this.look();
		} finally {
			if (isOn()) this.#set(id, undefined);
		}
	}

	/** Stops a download; what has arrived stays. */
	pause(id: WebModelId): Promise<void> {
		return this.#end(id, () => this.#client.stop(id));
	}

	/** Stops a download and removes what has arrived; what was kept before stays. */
	cancel(id: WebModelId): Promise<void> {
		return this.#end(id, () => this.#client.discard(id));
	}

	/** Stops a download and removes all that is here of a model. */
	remove(id: WebModelId): Promise<void> {
		return this.#end(id, () => this.#client.remove(id));
	}

	async #end(id: WebModelId, end: () => Promise<void>): Promise<void> {
		const running = this.#running[id];
		if (running) this.#set(id, { ...running, stopping: true });
		this.#problems = { ...this.#problems, [id]: undefined };
		await end().catch(this.parts.tell);
		await this.look();
		this.#set(id, undefined);
	}

	#set(id: WebModelId, running: Running | undefined): void {
		this.#running = { ...this.#running, [id]: running };
	}

	#describe(id: WebModelId): BrowserModel {
		const here = this.#here.find((model) => model.id === id);
		const offer = this.#offers.find((model) => model.id === id);
		const running = this.#running[id];
		const { kept, part } = here ?? {};
		const elsewhere = !running && (part?.running ?? false);
		const partial = part && { done: part.here, total: part.bytes };
		return {
			id,
			state: running?.stage ?? (elsewhere ? 'downloading' : part ? 'partial' : kept ? 'kept' : 'absent'),
			kept,
			offer,
			elsewhere,
			stopping: running?.stopping ?? false,
			bytes: part?.bytes ?? offer?.bytes ?? kept?.bytes ?? webModelBytes[id],
			progress: running?.progress ?? partial,
			problem: this.#problems[id],
			outdated: kept !== undefined && offer?.weights !== undefined && !isSame(offer, kept)
		};
	}
}

function isSame(offer: WebModelOffer, kept: KeptWeights): boolean {
	return offer.weights === kept.weights && offer.form === kept.form;
}

/** From another thread it comes as an error of that name. */
function isAbort(error: unknown): boolean {
	return error instanceof Error && error.name === 'AbortError';
}
