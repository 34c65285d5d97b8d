import { modelError, type CodedError, type ErrorParams } from './errors.ts';

/** What ONNX Runtime can compute on in Node, the best first. */
export const providers = ['cuda', 'webgpu', 'cpu'] as const;
export type Provider = (typeof providers)[number];

/** Why a provider does not run here; the interface has words for each (`provider_<code>`). */
export const providerProblems = [
	/** Switched off by the operator. */
	'provider-off',
	/** Its numbers are wrong. */
	'provider-wrong',
	/** Starting or running it failed: problem. */
	'provider-failed',
	/** ONNX Runtime has CUDA for Linux on x64 only: platform. */
	'cuda-platform',
	/** ONNX Runtime's CUDA provider is not there; `npm run setup:cuda` gets it. */
	'cuda-not-installed',
	/** The NVIDIA driver is not there. */
	'cuda-no-driver',
	/** A library that the CUDA provider needs is not there: library. */
	'cuda-no-library',
	/** There is no graphics card that WebGPU can use. */
	'webgpu-no-adapter',
	/** The only WebGPU adapter is a program, and far slower than the CPU by itself. */
	'webgpu-software'
] as const;

export interface ProviderProblem {
	readonly code: (typeof providerProblems)[number];
	readonly params: ErrorParams;
}

export interface ProviderReason extends ProviderProblem {
	readonly provider: Provider;
}

/** What computes, and why nothing better does. */
export interface ProviderStatus {
	readonly provider: Provider;
	/** One for each better provider. */
	readonly reasons: readonly ProviderReason[];
}

/** What the user is told when no provider that may be used works: why the last of them does not. */
export function nothingRuns(
	reasons: readonly (ProviderProblem & { readonly provider: string })[]
): CodedError {
	const { provider, code, params } = reasons.findLast((reason) => reason.code !== 'provider-off')!;
	const problem = params.problem ?? [code, ...Object.values(params)].join(' ');
	return modelError('provider-failed', { provider, problem });
}
