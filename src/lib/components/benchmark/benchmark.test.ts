import { describe, expect, it, vi } from 'vitest';
import { modelError } from '$models/errors.ts';
import type { Machine, Times } from '$workers/benchmark/types.ts';
import { Benchmark, type Measuring } from './benchmark.svelte.ts';
import { markdown } from './report.ts';

const times: Times = { open: 900, firstEncode: 800, encode: 500.4, decode: 20.6, slowestDecode: 31 };
const machine: Machine = {
	adapter: {
		...{ vendor: 'nvidia', architecture: 'ada', description: '', software: false },
		limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 30 },
		features: ['shader-f16']
	},
	...{ threads: 8, isolated: true, sizes: [1008, 504], standIn: false }
};

function benchmark(client: Partial<Measuring> = {}) {
	return new Benchmark({
		look: async () => machine,
		prove: async () => 12,
		measure: async () => times,
		...client
	});
}

describe('the benchmark', () => {
	it('measures what is usual here, one after the other, and tells it as Markdown', async () => {
		const measure = vi.fn(async () => times);
		const run = benchmark({ measure });
		await run.look();
		expect(run.rows).toHaveLength(6);
		await run.run();
		expect(measure.mock.calls.map(([setup]: unknown[]) => setup)).toEqual([
			{ provider: 'webgpu', size: 1008, precision: 'float16' },
			{ provider: 'webgpu', size: 504, precision: 'float16' },
			{ provider: 'wasm', size: 504, precision: 'float32' }
		]);
		const text = markdown(run, { version: '1.2.3', browser: 'Chrome' });
		expect(text).toContain('- Graphics card: nvidia, ada');
		expect(text).toContain('| webgpu | 1008 | float16 | 900 ms | 800 ms | 500 ms | 21 ms | 31 ms |');
		expect(text.match(/^\| w/gm)).toHaveLength(3);
	});

	it('measures nothing on a provider that did not prove itself, and goes on with the next', async () => {
		const failure = modelError('provider-failed', { provider: 'webgpu', problem: 'no adapter' });
		const prove = async (provider: string) => {
			if (provider === 'webgpu') throw failure;
			return 5;
		};
		const run = benchmark({ prove });
		await run.look();
		await run.run();
		const states = run.rows.filter(({ wanted }) => wanted).map(({ outcome }) => outcome.state);
		expect(states).toEqual(['failed', 'failed', 'done']);
		expect(run.running).toBe(false);
	});

	it('looks again after it was ended, as when weights have come', async () => {
		let kept: Pick<Machine, 'sizes'> = {};
		const look = async (signal: AbortSignal) => {
			signal.throwIfAborted();
			return { ...machine, sizes: undefined, ...kept };
		};
		const run = benchmark({ look });
		await run.look();
		run.cancel();
		kept = { sizes: [1008] };
		await run.look();
		expect(run.machine?.sizes).toEqual([1008]);
	});

	it('goes on where one setup fails', async () => {
		const measure = async ({ size }: { size: number }) => {
			if (size === 1008) throw modelError('out-of-memory');
			return times;
		};
		const run = benchmark({ measure });
		await run.look();
		await run.run();
		const outcomes = run.rows.filter(({ wanted }) => wanted).map(({ outcome }) => outcome.state);
		expect(outcomes).toEqual(['failed', 'done', 'done']);
	});

	it('stops at once when it is cancelled, and keeps what was measured', async () => {
		let count = 0;
		const measure: Measuring['measure'] = (_setup, _onStage, signal) =>
			count++ === 0
				? Promise.resolve(times)
				: new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
		const run = benchmark({ measure });
		await run.look();
		const running = run.run();
		await vi.waitFor(() => expect(run.rows[2]!.outcome.state).toBe('running'));
		run.cancel();
		await running;
		expect(run.rows.map(({ outcome }) => outcome.state)).toEqual(['done', ...Array(5).fill('idle')]);
		expect([run.running, count]).toEqual([false, 2]);
	});

	it('keeps results when it looks again, and offers no half precision where the card has none', async () => {
		const run = benchmark();
		await run.look();
		await run.run();
		await run.look();
		expect(run.rows[0]!.outcome.state).toBe('done');
		const plain = benchmark({
			look: async () => ({ ...machine, adapter: { ...machine.adapter!, features: [] } })
		});
		await plain.look();
		expect(plain.rows.map(({ setup }) => setup.precision)).toEqual(Array(4).fill('float32'));
	});
});
