import type { FloatType } from '../onnx/types.ts';
import type { NodeRuntime } from '../runtime.node.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { checkUnchanged, networkOpener, openNetworks } from '../weights/networks.node.ts';
import { attentionOn } from './attention.ts';
import { readVideoMaMaConfig } from './config.node.ts';
import { memoryTogether } from './estimate.ts';
import { buildVideoMaMa } from './graph.ts';
import type { OpenVideoMaMa } from './networks.ts';
import { inTurns } from './turns.ts';

export interface OpenVideoMaMaParts {
	/** The folder of the official checkpoints, `unet/` and `vae/`. */
	readonly folder: string;
	/** A folder of ours, for what is made of weights that cannot be written beside them. */
	readonly cache: string;
	readonly runtime: NodeRuntime;
	readonly precision: FloatType;
	/** Bytes that the networks may take; no limit when left out. */
	readonly memory?: number;
}

const names = ['encoder', 'unet', 'decoder'] as const;

/**
 * Makes ready to open VideoMaMa's networks from their official checkpoints; for another size or number of frames they are opened anew.
 * Where memory is too short for all three they take turns in it.
 * @throws CodedError `weights-…`, `model-damaged` when a file is missing
 */
export async function videoMaMaOpener(parts: OpenVideoMaMaParts): Promise<OpenVideoMaMa> {
	const { folder, cache, runtime, precision, memory = Infinity } = parts;
	const config = await readVideoMaMaConfig(folder);
	const checkpoint = await openCheckpoint(folder);
	const attention = attentionOn(runtime.provider);
	return async (size, frames, signal) => {
		await checkUnchanged(checkpoint, folder);
		const graphs = buildVideoMaMa(checkpoint.tensors, { ...config, ...size, frames, precision, attention });
		// Main memory is given back after each run, so that what one computes with is free for the next.
		const options = { occasional: names, signal };
		const stored = { checkpoint, folder, cache };
		const needed = memoryTogether(size, frames, { precision, attention });
		if (needed <= memory) return openNetworks(runtime, { ...graphs }, stored, options);
		const open = await networkOpener(runtime, { ...graphs }, stored, options);
		return inTurns(names, async (name) => {
			await checkUnchanged(checkpoint, folder);
			return open(name);
		});
	};
}
