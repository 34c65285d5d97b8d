import type { Provider } from '../provider.ts';
import type { VideoMaMaBuild } from './build.ts';

/** How attention is to be written for a provider: CUDA and the CPU never lay the scores out, WebGPU may. */
export function attentionOn(provider: Provider): VideoMaMaBuild['attention'] {
	return provider === 'webgpu' ? 'parts' : 'fused';
}
