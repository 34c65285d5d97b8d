import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { missingLibrary } from './library.node.ts';
import type { ProviderProblem } from './provider.ts';

/** The libraries of ONNX Runtime's CUDA provider, which its npm package comes without. */
export const cudaProviderFiles = [
	'libonnxruntime_providers_shared.so',
	'libonnxruntime_providers_cuda.so'
] as const;

/** The folder of onnxruntime-node's own library, where it looks for the provider. */
export function runtimeFolder(): string {
	const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
	return join(dirname(entry), '..', 'bin/napi-v6', process.platform, process.arch);
}

/** A library that the provider opens by itself when a network first needs it. */
const CUDNN = 'libcudnn.so.9';

/** What is missing for CUDA on this machine; undefined when everything that can be looked for is there. */
export function cudaProblem(): ProviderProblem | undefined {
	const platform = `${process.platform} ${process.arch}`;
	if (platform !== 'linux x64') return { code: 'cuda-platform', params: { platform } };
	const files = cudaProviderFiles.map((file) => join(runtimeFolder(), file));
	if (!files.every(existsSync)) return { code: 'cuda-not-installed', params: {} };
	if (missingLibrary('libcuda.so.1')) return { code: 'cuda-no-driver', params: {} };
	for (const file of [...files, CUDNN]) {
		const library = missingLibrary(file);
		if (library) return { code: 'cuda-no-library', params: { library } };
	}
	return undefined;
}
