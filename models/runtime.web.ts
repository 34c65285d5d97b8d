import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import loaderUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { findAdapter, problemOfAdapter, type WebAdapter } from './adapter.web.ts';
import { canaryFeeds, canaryModel, isCanaryRight } from './canary.ts';
import { CodedError, modelError, type ErrorParams } from './errors.ts';
import { nothingRuns, type ProviderReason } from './provider.ts';
import { GpuWatch } from './gpu-watch.web.ts';
import type { Network, Tensors } from './runtime.ts';
import { Turns } from './turns.ts';

/** What ONNX Runtime can compute on in a browser, the best first. */
export const webProviders = ['webgpu', 'wasm'] as const;
export type WebProvider = (typeof webProviders)[number];

/** Why a provider is not used, in the codes of every runtime. */
export interface WebProviderReason {
	readonly provider: WebProvider;
	readonly code: ProviderReason['code'];
	readonly params: ErrorParams;
}

export interface WebRuntimeOptions {
	/** The providers that may be used; all of them when left out. */
	readonly providers?: readonly WebProvider[];
	/** Threads of WebAssembly; as many as the machine has when left out, and one where the page is not cross-origin isolated. */
	readonly threads?: number;
}

/** ONNX Runtime in this worker, on the best provider that works. */
export interface WebRuntime {
	readonly provider: WebProvider;
	/** Why nothing better is used: one for each better provider. */
	readonly reasons: readonly WebProviderReason[];
	/** Whether it computes in half precision; where it cannot, graphs in float32 are the faster ones. */
	readonly half: boolean;
	/** The graphics card that WebGPU has here, even where it is not used; absent where there is none, or it was not asked for. */
	readonly adapter?: WebAdapter;
	/** Threads of WebAssembly. */
	readonly threads: number;
	/**
	 * Loads a graph with its weights, of which it keeps a copy.
	 * @param model an ONNX file
	 * @param files its external data, by the names that the model gives them
	 * @throws CodedError `out-of-memory`, `gpu-lost`
	 */
	open(model: Uint8Array, files?: ReadonlyMap<string, Blob>): Promise<Network>;
}

/**
 * Starts the best provider that works: WebGPU, then WebAssembly. Each proves itself on a tiny network first. An adapter that is a program
 * is far slower than WebAssembly, and used only where that is not allowed. Call it once in a worker.
 * @throws CodedError when none of those computes that may be used: `gpu-lost` or `out-of-memory` where the last of them failed by that,
 * else `provider-failed`
 */
export async function createWebRuntime(options: WebRuntimeOptions = {}): Promise<WebRuntime> {
	const allowed = options.providers ?? webProviders;
	env.logLevel = 'error';
	env.wasm.wasmPaths = { mjs: loaderUrl, wasm: wasmUrl };
	const threads = crossOriginIsolated ? (options.threads ?? navigator.hardwareConcurrency) : 1;
	env.wasm.numThreads = threads;
	env.webgpu.powerPreference = 'high-performance';
	const adapter = allowed.includes('webgpu') ? await findAdapter() : undefined;
	const reasons: WebProviderReason[] = [];
	for (const provider of webProviders) {
		const problem = allowed.includes(provider)
			? await problemOf(provider, allowed, adapter)
			: ({ code: 'provider-off', params: {} } as const);
		if (!problem) {
			const half = provider === 'webgpu' && adapter!.features.includes('shader-f16');
			const open = (model: Uint8Array, files?: ReadonlyMap<string, Blob>) =>
				openNetwork(provider, model, files);
			return { provider, reasons, half, adapter, threads, open };
		}
		reasons.push({ provider, ...problem });
	}
	throw nothingRuns(reasons);
}

async function problemOf(
	provider: WebProvider,
	allowed: readonly WebProvider[],
	adapter: WebAdapter | undefined
): Promise<Omit<WebProviderReason, 'provider'> | undefined> {
	if (provider === 'webgpu') {
		const code = problemOfAdapter(adapter, { programs: !allowed.includes('wasm') });
		if (code) return { code, params: {} };
	}
	try {
		// It stays open: with its last session ONNX Runtime gives its device up.
		const network = await openNetwork(provider, canaryModel());
		const right = await isCanaryRight(await network.run(canaryFeeds()));
		if (right) return undefined;
		await network.release();
		return { code: 'provider-wrong', params: {} };
	} catch (error) {
		const isLast = webProviders.findLast((other) => allowed.includes(other)) === provider;
		if (isLast && error instanceof CodedError && error.code !== 'provider-failed') throw error;
		const problem = messageOf(error instanceof CodedError ? error.cause : error).trim();
		return { code: 'provider-failed', params: { problem } };
	}
}

function sessionOptions(
	provider: WebProvider,
	files: ReadonlyMap<string, Blob>
): InferenceSession.SessionOptions {
	return {
		// What WebGPU lacks an operator for runs on WebAssembly. What a network answers stays on the graphics card until it is read.
		...(provider === 'webgpu'
			? {
					executionProviders: [{ name: 'webgpu', preferredLayout: 'NCHW' }],
					preferredOutputLocation: 'gpu-buffer'
				}
			: { executionProviders: ['wasm'] }),
		externalData: [...files].map(([path, data]) => ({ path, data })),
		graphOptimizationLevel: 'all',
		executionMode: 'sequential'
	};
}

/** ONNX Runtime does one thing at a time in a worker, whichever network it is asked of. */
const turns = new Turns();
/** Of the one device that it has there, from its first session on. */
let watch: GpuWatch | undefined;

async function openNetwork(
	provider: WebProvider,
	model: Uint8Array,
	files: ReadonlyMap<string, Blob> = new Map()
): Promise<Network> {
	const create = () => InferenceSession.create(model, sessionOptions(provider, files));
	if (provider === 'wasm') return networkOf(await turns.take(() => translated(create)), translated);
	const session = await turns.take(() => onCard(create));
	watch ??= new GpuWatch(await env.webgpu.device);
	return networkOf(session, onCard);
}

/** Does work with failures that the user can be told. */
type Doing = <T>(work: () => Promise<T>) => Promise<T>;

const onCard: Doing = (work) => translated(() => (watch ? watch.during(work) : work()));

function networkOf(session: InferenceSession, doing: Doing): Network {
	return {
		async run(feeds, fetches = session.outputNames) {
			const tensors = await turns.take(() => doing(() => session.run(feeds, fetches)));
			const read = Object.entries(tensors as Tensors).map(([name, tensor]) => [name, readBy(doing, tensor)]);
			return Object.fromEntries(read) as Tensors;
		},
		release: () => turns.take(() => session.release())
	};
}

/** A tensor whose numbers may be on the graphics card, and are read later: that fails as what made them does. */
function readBy(doing: Doing, tensor: Tensor): Tensor {
	if (tensor.location !== 'gpu-buffer') return tensor;
	type Type = Tensor.GpuBufferDataTypes;
	return Tensor.fromGpuBuffer(tensor.gpuBuffer, {
		...{ dataType: tensor.type as Type, dims: tensor.dims },
		download: () => doing(async () => (await tensor.getData(true)) as Tensor.DataTypeMap[Type]),
		dispose: () => tensor.dispose()
	});
}

/** How WebAssembly, ONNX Runtime and Dawn say that memory is short. */
const shortOfMemory =
	/out of memory|bad_?alloc|failed to allocate|allocation failed|cannot enlarge memory|Aborted\(OOM\)/i;

async function translated<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw translate(error);
	}
}

/** What the user can be told of a failure; a mistake in a graph stays what it is, a defect. */
function translate(error: unknown): unknown {
	if (error instanceof CodedError) return error;
	const reason = messageOf(error);
	if (shortOfMemory.test(reason)) return modelError('out-of-memory', {}, { cause: error });
	if (/device (is|was) lost/i.test(reason)) return modelError('gpu-lost', {}, { cause: error });
	return error;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
