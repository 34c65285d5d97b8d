import { dev, version } from '$app/environment';
import type { InstallFailed, KeepProblem, PageMessage, Standing } from '$lib/offline/messages.ts';
import { cacheName } from '$lib/offline/shell-cache.ts';

const script = '/service-worker.js';

/** Whether the page can be opened without a network. */
export type OfflineState = 'preparing' | 'ready' | 'failed' | 'unsupported';

/** Why it cannot. */
export type OfflineProblem = 'insecure' | 'browser' | 'development' | KeepProblem;

/** What is needed of the browser. */
export interface Surroundings {
	/** This page's version. */
	readonly version: string;
	/** Undefined where the browser has no service workers or does not allow them here. */
	readonly container: ServiceWorkerContainer | undefined;
	/** Why there is no service worker; undefined where there can be one. */
	readonly obstacle: OfflineProblem | undefined;
	readonly locks: Pick<LockManager, 'request'>;
	/** Loads the page anew. */
	readonly reload: () => void;
}

/** Keeps the page for use without a network, and knows when a new version is there. It never reloads by itself. */
export class Updates {
	state = $state<OfflineState>('preparing');
	/** Why the state is `failed` or `unsupported`. */
	problem = $state<OfflineProblem>();
	/** A newer version than this page's is there: `reload` brings it. */
	available = $state(false);
	/** The new version is on its way. */
	reloading = $state(false);

	readonly #stop = new AbortController();
	#registration: ServiceWorkerRegistration | undefined;
	/** There is no room for the new version beside the one that is kept. */
	#noRoom = false;

	/** @param save keeps what the user did, before the page is loaded anew */
	constructor(
		private readonly save: () => Promise<void>,
		private readonly around: Surroundings = here()
	) {}

	/** @returns how to stop */
	start(): () => void {
		const { container, obstacle, locks, version } = this.around;
		if (!container || obstacle) {
			this.#is('unsupported', obstacle ?? 'browser');
			return () => {};
		}
		const { signal } = this.#stop;
		container.addEventListener('message', ({ data }) => this.#told(data as InstallFailed), { signal });
		container.addEventListener('controllerchange', () => this.#ask(container.controller), { signal });
		container.startMessages();
		// Says that a page of this version is open, so that its files stay.
		locks
			.request(cacheName(version), { mode: 'shared' }, () => {
				void this.#begin();
				return aborted(signal);
			})
			.catch(() => this.#is('unsupported', 'browser'));
		return () => this.#stop.abort();
	}

	/** Asks the server for a new version, or for what it could not give the last time. */
	check = async (): Promise<void> => {
		if (this.problem === 'unreachable') await this.#begin();
		// Without a network there is nothing new.
		else await this.#registration?.update().catch(() => undefined);
	};

	/** Brings the new version, if there is one, and loads the page anew. */
	reload = async (): Promise<void> => {
		if (this.reloading) return;
		this.reloading = true;
		await this.save();
		const registration = this.#registration;
		if (registration && !registration.waiting) {
			await this.check();
			if (registration.installing) await reached(registration.installing, 'installed');
		}
		const next = registration?.waiting;
		if (next) {
			next.postMessage({ type: 'activate' } satisfies PageMessage);
			await reached(next, 'activated');
		} else if (this.#noRoom) {
			// Without the version that is kept, the page comes from the server.
			await registration?.unregister();
		}
		this.around.reload();
	};

	async #begin(): Promise<void> {
		const { signal } = this.#stop;
		this.#is('preparing');
		try {
			const registration = await this.around.container!.register(script, { updateViaCache: 'none' });
			if (signal.aborted) return;
			if (registration !== this.#registration) {
				registration.addEventListener('updatefound', () => this.#follow(registration.installing), { signal });
				this.#follow(registration.installing);
				this.#registration = registration;
			}
			this.available ||= registration.waiting !== null;
			this.#ask(registration.active);
		} catch (error) {
			const refused = error instanceof DOMException && error.name === 'SecurityError';
			if (refused) this.#is('unsupported', 'browser');
			else this.#is('failed', 'unreachable');
		}
	}

	#follow(worker: ServiceWorker | null): void {
		worker?.addEventListener('statechange', () => {
			const first = !this.#registration?.active;
			if (worker.state === 'installed' && !first) this.available = true;
			if (worker.state === 'activated') this.#ask(worker);
			if (worker.state === 'redundant' && first) this.#is('failed', this.problem ?? 'unreachable');
		});
	}

	#ask(worker: ServiceWorker | null): void {
		if (!worker) return;
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }: MessageEvent<Standing>) => {
			port1.close();
			this.#is(data.problem ? 'failed' : 'ready', data.problem);
			// Another tab may have brought a new version, or the server had one that this page did not come from.
			this.available ||= data.version !== this.around.version;
		};
		worker.postMessage({ type: 'check' } satisfies PageMessage, [port2]);
	}

	#told({ type, problem }: InstallFailed): void {
		if (type !== 'install-failed') return;
		if (!this.#registration?.active) return this.#is('failed', problem);
		// What is kept still works, but would hide the new version for ever.
		if (problem === 'storage-full') this.#noRoom = this.available = true;
	}

	#is(state: OfflineState, problem?: OfflineProblem): void {
		this.state = state;
		this.problem = problem;
	}
}

function here(): Surroundings {
	const container = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
	return {
		...{ version, container },
		obstacle: dev ? 'development' : !isSecureContext ? 'insecure' : undefined,
		locks: navigator.locks,
		reload: () => location.reload()
	};
}

/** Resolves when a worker is in a state or beyond, or has failed. */
function reached(worker: ServiceWorker, state: 'installed' | 'activated'): Promise<void> {
	const done = [state, 'activated', 'redundant'];
	return new Promise((resolve) => {
		const look = () => done.includes(worker.state) && resolve();
		worker.addEventListener('statechange', look);
		look();
	});
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}
