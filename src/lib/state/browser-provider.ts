import type { WebProvider } from '$models/runtime.web.ts';

/** What networks will run on in this browser, as far as can be told before one runs. */
export async function browserProvider(): Promise<WebProvider> {
	const adapter = await navigator.gpu?.requestAdapter();
	return adapter && !adapter.info.isFallbackAdapter ? 'webgpu' : 'wasm';
}
