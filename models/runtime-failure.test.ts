import { expect, it, vi } from 'vitest';
import { tryCanary } from './canary.node.ts';
import { createNodeRuntime } from './runtime.node.ts';

vi.mock(import('./canary.node.ts'), () => ({ tryCanary: vi.fn(), tryCanaryApart: vi.fn() }));

it.each([
	['CUDA failure 2: out of memory', { code: 'out-of-memory' }],
	[
		'no such thread pool',
		{ code: 'provider-failed', params: { provider: 'cpu', problem: 'no such thread pool' } }
	]
])('tells the user what can be told when ONNX Runtime does not start: %s', async (message, told) => {
	vi.mocked(tryCanary).mockRejectedValue(new Error(message));
	await expect(createNodeRuntime({ providers: ['cpu'], threads: 1 })).rejects.toMatchObject(told);
});
