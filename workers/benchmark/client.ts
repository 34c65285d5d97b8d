import { proxy } from 'comlink';
import type { WebProvider } from '../../models/runtime.web.ts';
import { connect, type Connection } from '../rpc.ts';
import type { Sam3Setup } from '../segment/types.ts';
import type { BenchmarkApi, BenchmarkStage, Machine, Times } from './types.ts';

/** Runs benchmarks, each in a new worker, which is ended with it: a cancelled one stops at once, and none finds another's memory taken. */
export class BenchmarkClient {
	look(signal: AbortSignal): Promise<Machine> {
		return this.#within(signal, (api) => api.look());
	}

	prove(provider: WebProvider, signal: AbortSignal): Promise<number> {
		return this.#within(signal, (api) => api.prove(provider));
	}

	measure(setup: Sam3Setup, onStage: (stage: BenchmarkStage) => void, signal: AbortSignal): Promise<Times> {
		return this.#within(signal, (api) => api.measure(setup, proxy(onStage)));
	}

	async #within<T>(
		signal: AbortSignal,
		work: (api: Connection<BenchmarkApi>['api']) => Promise<T>
	): Promise<T> {
		signal.throwIfAborted();
		const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'benchmark' });
		const connection = connect<BenchmarkApi>(worker);
		signal.addEventListener('abort', connection.end);
		try {
			return await connection.settle(work(connection.api));
		} finally {
			signal.removeEventListener('abort', connection.end);
			connection.end();
		}
	}
}
