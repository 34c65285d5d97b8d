import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WebProvider } from './runtime.web.ts';

const create = vi.hoisted(() => vi.fn());
vi.mock('onnxruntime-web/webgpu', () => ({
	env: { wasm: {}, webgpu: {} },
	InferenceSession: { create },
	Tensor: class {}
}));
vi.mock('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url', () => ({ default: '' }));
vi.mock('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url', () => ({ default: '' }));

const card = {
	info: { vendor: 'nvidia', architecture: 'ampere', description: '', isFallbackAdapter: false },
	limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27 },
	features: []
};

beforeEach(() => {
	vi.stubGlobal('navigator', { hardwareConcurrency: 2, gpu: { requestAdapter: async () => card } });
	vi.stubGlobal('crossOriginIsolated', true);
	create.mockReset();
});
afterEach(() => vi.unstubAllGlobals());

/** Starts a runtime on which the canary fails with these messages, one for each provider in turn. */
async function start(providers: readonly WebProvider[], ...messages: string[]) {
	for (const message of messages) create.mockRejectedValueOnce(new Error(message));
	const { createWebRuntime } = await import('./runtime.web.ts');
	return createWebRuntime({ providers });
}

it.each([
	['gpu-lost', 'WebGPU device is lost'],
	['out-of-memory', 'Failed to allocate a buffer']
])('tells %s where only this provider may be used', async (code, message) => {
	await expect(start(['webgpu'], message)).rejects.toMatchObject({ code });
	const wasm = start(['webgpu', 'wasm'], 'WebGPU device is lost', 'std::bad_alloc');
	await expect(wasm).rejects.toMatchObject({ code: 'out-of-memory' });
});

it('tells of any other failure what it was', async () => {
	const params = { provider: 'webgpu', problem: 'no such operator' };
	await expect(start(['webgpu'], 'no such operator')).rejects.toMatchObject({
		...{ code: 'provider-failed', params }
	});
});
