import { WayOpener, type SegmentWorker } from '$lib/state/way-opener.svelte.ts';
import { expectedInfo } from '$lib/state/ways.ts';

/** A worker that was started, and what has become of it. */
interface Started {
	readonly provider?: string;
	/** Of the weights that the browser kept then. */
	readonly weights: string;
	closed: boolean;
}

const unused = () => Promise.reject(new Error('nothing is asked'));

/** A way opener as the page has it, which opens workers that answer nothing. */
class Ways {
	weights = $state('first');
	readonly started: Started[] = [];
	#release: (() => void) | undefined;

	readonly #opener = new WayOpener(
		{
			api: { segment: unused, clip: unused },
			connection: { health: undefined, status: 'away', suspect() {} },
			kept: () => ({ weights: this.weights, standIn: false }),
			tell() {},
			wish: { way: 'wasm' },
			start: ({ sam3 }): SegmentWorker => {
				const worker: Started = { provider: sam3?.provider, weights: this.weights, closed: false };
				this.started.push(worker);
				return {
					info: () => Promise.resolve(expectedInfo('sam3')),
					...{ segment: unused, detect: unused, prepare: unused, track: unused },
					...{ close: () => void (worker.closed = true), encodeMilliseconds: undefined }
				};
			}
		},
		() => void this.#opener.ready()
	);

	constructor() {
		this.#opener.start();
	}

	async open(): Promise<void> {
		await this.#opener.ready();
	}

	choose(way: 'webgpu' | 'wasm'): void {
		this.#opener.wish = { way };
	}

	/** Holds the worker that is open, as tracking does. */
	async hold(): Promise<void> {
		this.#release = this.#opener.hold(this.#opener.inBrowser(await this.#opener.ready()));
	}

	release(): void {
		this.#release?.();
	}
}

declare global {
	/** What the tests call. */
	var ways: Ways;
}

globalThis.ways = new Ways();
