import type { Api } from '$lib/api/client.ts';
import { toErrorBody, type ErrorBody } from '$protocol/errors.ts';
import type { ModelStatus } from '$protocol/models.ts';
import { shownError } from './shown-error.ts';

type ModelsApi = Pick<
	Api,
	'models' | 'pullModel' | 'pauseModel' | 'cancelModel' | 'verifyModel' | 'removeModel'
>;

/** Milliseconds from one look at a running download to the next. */
const INTERVAL = 500;

/** What the user asked of a model that is not answered yet. */
export type Asked = 'pull' | 'pause' | 'cancel' | 'verify' | 'remove';

/** The models on the server, and what is done with them. Running downloads are followed until they end, whichever page is shown. */
export class Models {
	/** Undefined until they were loaded once. */
	list = $state.raw<readonly ModelStatus[]>();
	/** Why they could not be loaded, for as long as they cannot. */
	problem = $state.raw<ErrorBody>();
	/** By model. */
	asked = $state.raw<Readonly<Partial<Record<string, Asked>>>>({});
	/** What a check of the files found, by model: nothing wrong, or what. Gone as soon as the model changes. */
	verdicts = $state.raw<Readonly<Partial<Record<string, 'right' | ErrorBody>>>>({});

	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(
		private readonly api: ModelsApi,
		private readonly tell: (error: unknown) => void,
		/** Called when a model has come or gone. */
		private readonly changed: (model: ModelStatus) => void
	) {}

	/** Loads the list, and again and again while something is downloaded. */
	async load(): Promise<void> {
		try {
			this.#take(await this.api.models());
			this.problem = undefined;
		} catch (error) {
			this.problem = shownError(error);
			return;
		}
		clearTimeout(this.#timer);
		if (this.list!.some(isRunning)) this.#timer = setTimeout(() => void this.load(), INTERVAL);
	}

	/** Begins or goes on with a download. */
	async pull(id: string, acceptLicence: boolean): Promise<void> {
		await this.#ask(id, 'pull', () => this.api.pullModel(id, { acceptLicence }));
		await this.load();
	}

	pause(id: string): Promise<void> {
		return this.#ask(id, 'pause', () => this.api.pauseModel(id));
	}

	cancel(id: string): Promise<void> {
		return this.#ask(id, 'cancel', () => this.api.cancelModel(id));
	}

	remove(id: string): Promise<void> {
		return this.#ask(id, 'remove', () => this.api.removeModel(id));
	}

	/** Has the server read the model's files; the verdict is told beside it. */
	verify(id: string): Promise<void> {
		return this.#ask(id, 'verify', async () => {
			try {
				const model = await this.api.verifyModel(id);
				this.verdicts = { ...this.verdicts, [id]: 'right' };
				return model;
			} catch (error) {
				const found = toErrorBody(error);
				if (!found || found.code === 'server-away') throw error;
				this.verdicts = { ...this.verdicts, [id]: found };
				return this.list!.find((model) => model.id === id)!;
			}
		});
	}

	async #ask(id: string, what: Asked, answer: () => Promise<ModelStatus>): Promise<void> {
		this.asked = { ...this.asked, [id]: what };
		this.verdicts = { ...this.verdicts, [id]: undefined };
		try {
			const model = await answer();
			this.#take(this.list!.map((each) => (each.id === id ? model : each)));
		} catch (error) {
			this.tell(error);
		} finally {
			this.asked = { ...this.asked, [id]: undefined };
		}
	}

	#take(list: readonly ModelStatus[]): void {
		const before = this.list;
		this.list = list;
		for (const model of list) {
			const old = before?.find(({ id }) => id === model.id);
			if (old && identity(old) !== identity(model)) this.changed(model);
		}
	}
}

export function isRunning({ download }: ModelStatus): boolean {
	return download !== undefined && !download.error;
}

/** Another text when other weights are there to be used, or none any more. */
function identity({ state, origin, sources }: ModelStatus): string {
	return state === 'present' ? [state, origin, ...sources.map(({ commit }) => commit)].join() : 'none';
}
