import { shownError } from '$lib/state/shown-error.ts';
import type { FloatType } from '$models/onnx/types.ts';
import type { WebProvider } from '$models/runtime.web.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { BenchmarkClient } from '$workers/benchmark/client.ts';
import type { BenchmarkStage, Machine, Times } from '$workers/benchmark/types.ts';
import type { Sam3Setup } from '$workers/segment/types.ts';

export const providers = ['webgpu', 'wasm'] as const satisfies readonly WebProvider[];

/** Whether a provider proved itself. */
export type Proof =
	| { readonly state: 'running' }
	| { readonly state: 'right'; readonly milliseconds: number }
	| { readonly state: 'failed'; readonly error: ErrorBody };

/** One way to run SAM 3, and what came of it. */
export interface Row {
	readonly setup: Sam3Setup;
	readonly wanted: boolean;
	readonly outcome:
		| { readonly state: 'idle' | 'waiting' }
		| { readonly state: 'running'; readonly stage?: BenchmarkStage }
		| { readonly state: 'done'; readonly times: Times }
		| { readonly state: 'failed'; readonly error: ErrorBody };
}

/** What is used of `BenchmarkClient`. */
export type Measuring = Pick<BenchmarkClient, 'look' | 'prove' | 'measure'>;

/** What this browser can do: its machine, whether it computes right, and SAM 3's times by provider, input size and precision. */
export class Benchmark {
	machine = $state.raw<Machine>();
	proofs = $state.raw<Readonly<Partial<Record<WebProvider, Proof>>>>({});
	rows = $state.raw<readonly Row[]>([]);
	running = $state(false);
	error = $state.raw<ErrorBody>();
	readonly wanted = $derived(this.rows.filter(({ wanted }) => wanted).length);
	#stop = new AbortController();

	constructor(private readonly client: Measuring) {}

	/** Looks at the machine, and what is kept to be measured; results for the same sizes stay. */
	async look(): Promise<void> {
		const { signal } = this.#stop;
		try {
			this.machine = await this.client.look(signal);
			this.error = undefined;
			const setups = setupsOf(this.machine);
			const known = (setup: Sam3Setup) => this.rows.find((row) => same(row.setup, setup));
			this.rows = setups.map(
				(setup) =>
					known(setup) ?? { setup, wanted: isUsual(setup, this.machine!), outcome: { state: 'idle' } }
			);
		} catch (error) {
			if (!signal.aborted) this.error = shownError(error);
		}
	}

	want(setup: Sam3Setup, wanted: boolean): void {
		this.#change(setup, { wanted });
	}

	/** Lets the providers prove themselves, then measures what is wanted, one after the other. */
	async run(): Promise<void> {
		if (this.running) return;
		this.running = true;
		const { signal } = this.#stop;
		for (const { setup, wanted } of this.rows)
			this.#change(setup, { outcome: { state: wanted ? 'waiting' : 'idle' } });
		try {
			for (const provider of providers) await this.#prove(provider, signal);
			for (const { setup, wanted } of this.rows) if (wanted) await this.#measure(setup, signal);
		} finally {
			if (this.#stop.signal === signal) this.running = false;
		}
	}

	/** Ends what runs; what was measured stays. */
	cancel(): void {
		this.#stop.abort();
		this.#stop = new AbortController();
		this.running = false;
		for (const { setup, outcome } of this.rows)
			if (outcome.state === 'running' || outcome.state === 'waiting')
				this.#change(setup, { outcome: { state: 'idle' } });
		this.proofs = Object.fromEntries(
			Object.entries(this.proofs).filter(([, { state }]) => state !== 'running')
		);
	}

	async #prove(provider: WebProvider, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		const tell = (proof: Proof) => {
			if (!signal.aborted) this.proofs = { ...this.proofs, [provider]: proof };
		};
		tell({ state: 'running' });
		try {
			tell({ state: 'right', milliseconds: await this.client.prove(provider, signal) });
		} catch (reason) {
			const error = shownError(reason);
			if (error) tell({ state: 'failed', error });
		}
	}

	async #measure(setup: Sam3Setup, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		const tell = (outcome: Row['outcome']) => {
			if (!signal.aborted) this.#change(setup, { outcome });
		};
		const proof = this.proofs[setup.provider];
		if (proof?.state === 'failed') return tell(proof);
		tell({ state: 'running' });
		try {
			const times = await this.client.measure(setup, (stage) => tell({ state: 'running', stage }), signal);
			tell({ state: 'done', times });
		} catch (reason) {
			const error = shownError(reason);
			if (error) tell({ state: 'failed', error });
		}
	}

	#change(setup: Sam3Setup, change: Partial<Row>): void {
		this.rows = this.rows.map((row) => (same(row.setup, setup) ? { ...row, ...change } : row));
	}
}

/** Everything that can be run here: half precision only on cards that compute in it. */
function setupsOf({ adapter, sizes = [] }: Machine): Sam3Setup[] {
	const halves: readonly FloatType[] = adapter?.features.includes('shader-f16')
		? ['float16', 'float32']
		: ['float32'];
	return [
		...(adapter ? sizes.flatMap((size) => halves.map((precision) => setup('webgpu', size, precision))) : []),
		...sizes.map((size) => setup('wasm', size, 'float32'))
	];
}

function setup(provider: WebProvider, size: number, precision: FloatType): Sam3Setup {
	return { provider, size, precision };
}

function same(a: Sam3Setup, b: Sam3Setup): boolean {
	return a.provider === b.provider && a.size === b.size && a.precision === b.precision;
}

/** What is measured unless the user chooses: WebAssembly, and a program that plays a graphics card, take minutes at large sizes. */
function isUsual({ provider, size, precision }: Sam3Setup, { adapter, sizes }: Machine): boolean {
	if (provider === 'wasm') return size === sizes?.at(-1);
	const best = adapter?.features.includes('shader-f16') ? 'float16' : 'float32';
	return precision === best && !adapter?.software;
}
