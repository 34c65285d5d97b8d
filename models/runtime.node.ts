import { availableParallelism } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import { tryCanary, tryCanaryApart } from './canary.node.ts';
import { cudaProblem } from './cuda.node.ts';
import { modelError, type CodedError } from './errors.ts';
import { missingLibrary } from './library.node.ts';
import {
	nothingRuns,
	providers,
	type Provider,
	type ProviderProblem,
	type ProviderReason,
	type ProviderStatus
} from './provider.ts';
import type { Network, Tensors } from './runtime.ts';

export interface NodeRuntimeOptions {
	/** The providers that may be used; all of them when left out. */
	readonly providers?: readonly Provider[];
	/** Threads of each network on the CPU; as many as the machine has when left out. */
	readonly threads?: number;
}

/** ONNX Runtime in this process, on the best provider that works. Runs block the thread that they are called on. */
export interface NodeRuntime extends ProviderStatus {
	/**
	 * Loads a graph with its weights.
	 * @param model the path of an ONNX file, whose external data lie beside or below it; or the file's bytes and the folder of the data
	 * @throws CodedError `out-of-memory`, `weights-damaged`
	 */
	open(model: string | ModelInMemory, options?: OpenOptions): Promise<Network>;
}

export interface OpenOptions {
	/** It runs now and then only, and gives main memory back after each run, which makes it about a tenth slower on the CPU. */
	readonly occasional?: boolean;
}

/** An ONNX file that was never written to a disk. */
export interface ModelInMemory {
	readonly bytes: Uint8Array;
	/** Where its external data lie. */
	readonly folder: string;
}

/** How many times slower than the CPU a WebGPU adapter may be on the canary before it must be a program: those are a thousand times slower. */
const SLOWNESS = 10;

/**
 * Starts the best provider that works: CUDA, then WebGPU, then the CPU. Each proves itself on a tiny network first.
 * @throws CodedError `out-of-memory`, `provider-failed` when none of those computes that may be used
 */
export async function createNodeRuntime(options: NodeRuntimeOptions = {}): Promise<NodeRuntime> {
	const allowed: readonly Provider[] = options.providers ?? providers;
	const threads = options.threads ?? availableParallelism();
	const reasons: ProviderReason[] = [];
	for (const provider of providers) {
		const problem = allowed.includes(provider)
			? await problemOf(provider, threads)
			: { code: 'provider-off' as const, params: {} };
		if (!problem) {
			const options = sessionOptions(provider, threads);
			return {
				...{ provider, reasons },
				open: (model, { occasional = false } = {}) =>
					openNetwork(model, { ...options, enableCpuMemArena: !occasional })
			};
		}
		reasons.push({ provider, ...problem });
	}
	const failure = nothingRuns(reasons);
	throw shortOfMemory.test(failure.message) ? modelError('out-of-memory', {}, { cause: failure }) : failure;
}

async function problemOf(provider: Provider, threads: number): Promise<ProviderProblem | undefined> {
	const lack = provider === 'cuda' ? cudaProblem() : undefined;
	if (lack) return lack;
	try {
		if (provider === 'webgpu') return await webgpuProblem(threads);
		const { right } = await tryCanary(sessionOptions(provider, threads));
		return right ? undefined : { code: 'provider-wrong', params: {} };
	} catch (error) {
		return { code: 'provider-failed', params: { problem: (error as Error).message.trim() } };
	}
}

async function webgpuProblem(threads: number): Promise<ProviderProblem | undefined> {
	if (process.platform === 'linux' && missingLibrary('libvulkan.so.1')) return noAdapter;
	try {
		const gpu = await tryCanaryApart(sessionOptions('webgpu', threads));
		if (!gpu.right) return { code: 'provider-wrong', params: {} };
		const cpu = await tryCanary(sessionOptions('cpu', threads));
		const isSoftware = gpu.milliseconds > SLOWNESS * cpu.milliseconds;
		return isSoftware ? { code: 'webgpu-software', params: {} } : undefined;
	} catch (error) {
		if (/No supported adapters/i.test((error as Error).message)) return noAdapter;
		throw error;
	}
}

const noAdapter: ProviderProblem = { code: 'webgpu-no-adapter', params: {} };

function sessionOptions(provider: Provider, threads: number): InferenceSession.SessionOptions {
	return {
		executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
		graphOptimizationLevel: 'all',
		executionMode: 'sequential',
		intraOpNumThreads: threads,
		interOpNumThreads: 1,
		// Warnings say which operators run on the CPU beside a GPU, which is as it should be.
		logSeverityLevel: 3
	};
}

async function openNetwork(
	model: string | ModelInMemory,
	options: InferenceSession.SessionOptions
): Promise<Network> {
	const place = typeof model === 'string' ? model : model.folder;
	const session = await createSession(model, options).catch((error: unknown) => {
		throw translate(error, place);
	});
	return {
		run: async (feeds, fetches) => {
			try {
				return (await session.run(feeds, fetches ?? session.outputNames)) as Tensors;
			} catch (error) {
				throw translate(error, place);
			}
		},
		release: () => session.release()
	};
}

function createSession(
	model: string | ModelInMemory,
	options: InferenceSession.SessionOptions
): Promise<InferenceSession> {
	if (typeof model === 'string') return InferenceSession.create(model, options);
	const { bytes, folder } = model;
	const extra = { session: { model_external_initializers_file_folder_path: folder } };
	return InferenceSession.create(bytes, { ...options, extra });
}

/** How ONNX Runtime, CUDA, cuBLAS, cuDNN and Dawn say that memory is short. */
const shortOfMemory =
	/failed to allocate|bad_?alloc|out of memory|cudaErrorMemoryAllocation|ALLOC_FAILED|BFCArena|Available memory of/i;
/** How ONNX Runtime says that a graph's file, or the data that it points to, is not what it was. */
const damaged =
	/protobuf parsing failed|invalid_protobuf|external (initializer|data)|file_length|out of bounds|beyond the end|truncated/i;

/** What the user can be told of a failure; a mistake in a graph stays what it is, a defect. */
function translate(error: unknown, path: string): CodedError | unknown {
	const reason = error instanceof Error ? error.message : String(error);
	if (shortOfMemory.test(reason)) return modelError('out-of-memory', {}, { cause: error });
	if (damaged.test(reason)) return modelError('weights-damaged', { file: path, reason }, { cause: error });
	return error;
}
