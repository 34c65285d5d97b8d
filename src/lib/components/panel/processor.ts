import { m } from '$lib/i18n/paraglide/messages.js';
import { runsHere } from '$lib/state/engines.ts';
import type { EngineStatus } from '$protocol/schema.ts';

/** What an engine computes on, in the user's words. */
export function processorName(id: EngineStatus['id'], provider: string): string {
	const name = providerName(provider);
	return runsHere(id) ? m.engine_on_this_computer({ name }) : m.engine_on_server({ name });
}

/** A provider of ONNX Runtime, in the user's words; another name is left as it is. */
export function providerName(provider: string): string {
	switch (provider) {
		case 'cuda':
			return m.processor_cuda();
		case 'webgpu':
			return m.processor_webgpu();
		case 'cpu':
		case 'wasm':
			return m.processor_cpu();
		default:
			return provider;
	}
}
