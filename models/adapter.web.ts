import type { ProviderProblem } from './provider.ts';

/** A graphics card, as WebGPU tells of it. */
export interface WebAdapter {
	readonly vendor: string;
	readonly architecture: string;
	/** Often empty: browsers keep it to themselves. */
	readonly description: string;
	/** In bytes, of one buffer. */
	readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
	readonly features: readonly string[];
	/**
	 * Whether it is a program that plays a graphics card. Browsers tell it in `GPUAdapterInfo` (Chromium from version 136 on), or in
	 * `GPUAdapter` (Chromium before 140); where neither tells, it is taken for a card.
	 */
	readonly software: boolean;
}

/** As browsers tell of it, of one version or another. */
interface ToldAdapter extends Pick<GPUAdapter, 'limits' | 'features'> {
	readonly info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description'> & Software;
}

interface Software {
	readonly isFallbackAdapter?: boolean;
}

/** The graphics card that WebGPU has here, if any. */
export async function findAdapter(): Promise<WebAdapter | undefined> {
	const found: (ToldAdapter & Software) | null | undefined = await navigator.gpu?.requestAdapter({
		powerPreference: 'high-performance'
	});
	if (!found) return undefined;
	const { vendor, architecture, description, isFallbackAdapter } = found.info;
	const { maxBufferSize, maxStorageBufferBindingSize } = found.limits;
	return {
		...{ vendor, architecture, description },
		software: isFallbackAdapter ?? found.isFallbackAdapter ?? false,
		limits: { maxBufferSize, maxStorageBufferBindingSize },
		features: [...found.features]
	};
}

/**
 * Why a graphics card cannot be computed on, in the codes of every runtime.
 * @param programs whether a program that plays one will do, though it is far slower than WebAssembly
 */
export function problemOfAdapter(
	adapter: WebAdapter | undefined,
	{ programs }: { readonly programs: boolean }
): Extract<ProviderProblem['code'], 'webgpu-no-adapter' | 'webgpu-software'> | undefined {
	if (!adapter) return 'webgpu-no-adapter';
	return adapter.software && !programs ? 'webgpu-software' : undefined;
}
