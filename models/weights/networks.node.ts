import { access, constants } from 'node:fs/promises';
import { modelError } from '../errors.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import type { NodeRuntime } from '../runtime.node.ts';
import { openAll, type Network } from '../runtime.ts';
import { openCheckpoint } from './checkpoint.node.ts';
import type { Checkpoint } from './checkpoint.ts';
import { ensurePacked } from './pack.node.ts';
import { placeWeights } from './place.ts';

/** A model's weights on disk. */
export interface StoredWeights {
	readonly checkpoint: Checkpoint;
	/** The folder that the checkpoint's files lie in; what they lack is written beside them. */
	readonly folder: string;
	/** Where everything is written where that folder is read-only, since ONNX Runtime takes weights from one folder only. */
	readonly cache: string;
}

export interface OpenNetworksOptions<Name extends string> {
	/** Those that run now and then only; see `OpenOptions`. */
	readonly occasional?: readonly Name[];
	readonly signal?: AbortSignal;
}

/**
 * Opens graphs over a checkpoint, with their weights in place where these are stored as the graphs want them.
 * @returns the networks by the graphs' names
 * @throws CodedError `weights-…`, `out-of-memory`, `disk-full`; the signal's reason when it was aborted
 */
export async function openNetworks<Name extends string>(
	runtime: NodeRuntime,
	graphs: Readonly<Record<Name, GraphDefinition>>,
	stored: StoredWeights,
	options: OpenNetworksOptions<NoInfer<Name>> = {}
): Promise<Record<Name, Network>> {
	const open = await networkOpener(runtime, graphs, stored, options);
	return openAll(graphs, async (_, name) => {
		options.signal?.throwIfAborted();
		return open(name);
	});
}

/**
 * Makes the weights of graphs ready, so that each can be opened when it is wanted.
 * @returns opens one of them by its name; throws CodedError `out-of-memory`, `weights-damaged`
 * @throws CodedError `weights-…`, `disk-full`; the signal's reason when it was aborted
 */
export async function networkOpener<Name extends string>(
	runtime: NodeRuntime,
	graphs: Readonly<Record<Name, GraphDefinition>>,
	{ checkpoint, folder: own, cache }: StoredWeights,
	{ occasional = [], signal }: OpenNetworksOptions<NoInfer<Name>> = {}
): Promise<(name: Name) => Promise<Network>> {
	const written = Object.values<GraphDefinition>(graphs);
	const beside = placeWeights(written, checkpoint);
	const isReadOnly = beside.bytes > 0 && !(await isWritable(own));
	const plan = isReadOnly ? placeWeights(written, checkpoint, { packAll: true }) : beside;
	const folder = isReadOnly ? cache : own;
	await ensurePacked(plan, checkpoint, folder, { signal });

	return async (name) => {
		const bytes = encodeModel(graphs[name], (initializer) => plan.placementOf(initializer));
		return runtime.open({ bytes, folder }, { occasional: occasional.includes(name) });
	};
}

/**
 * Checks that a folder holds the very files that a checkpoint was opened from: with others, what is known of where tensors lie leads
 * to other numbers.
 * @throws CodedError `weights-replaced`, or what opening them throws
 */
export async function checkUnchanged(checkpoint: Checkpoint, folder: string): Promise<void> {
	const { identity } = await openCheckpoint(folder);
	if (identity !== checkpoint.identity) throw modelError('weights-replaced');
}

function isWritable(folder: string): Promise<boolean> {
	return access(folder, constants.W_OK).then(
		() => true,
		() => false
	);
}
