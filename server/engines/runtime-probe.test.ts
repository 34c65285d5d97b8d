import { describe, expect, it } from 'vitest';
import { probeRuntime } from './runtime-probe.ts';

const silent = () => {};

describe('finding out what networks run on', () => {
	it('tries it in a process of its own', async () => {
		expect(await probeRuntime([], silent)).toEqual({
			provider: 'cpu',
			reasons: [
				{ provider: 'cuda', code: 'provider-off', params: {} },
				{ provider: 'webgpu', code: 'provider-off', params: {} }
			]
		});
	});

	it('says so when nothing computes', async () => {
		const host = new URL('../testing/no-probe.ts', import.meta.url);
		for (const allowed of [[], ['cuda']] as const) {
			expect(await probeRuntime(allowed, silent, host)).toEqual({
				...{ provider: 'cpu', reasons: [] },
				problem: {
					code: 'provider-failed',
					params: { provider: 'cpu', problem: 'the runtime ended with 1' }
				}
			});
		}
	});

	it('goes on without CUDA when that crashes, and says so', async () => {
		const host = new URL('../testing/fake-probe.ts', import.meta.url);
		const { provider, reasons } = await probeRuntime(['cuda', 'webgpu'], silent, host);
		expect(provider).toBe('cpu');
		expect(reasons).toEqual([
			{
				...{ provider: 'cuda', code: 'provider-failed' },
				params: { problem: 'the runtime ended with SIGSEGV' }
			},
			{ provider: 'webgpu', code: 'webgpu-no-adapter', params: {} }
		]);
	});
});
