import type { FloatType } from '../onnx/types.ts';
import type { NodeRuntime } from '../runtime.node.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { checkUnchanged, openNetworks } from '../weights/networks.node.ts';
import { attentionOn } from './attention.ts';
import { readVideoMaMaConfig } from './config.node.ts';
import { buildVideoMaMa } from './graph.ts';
import type { OpenVideoMaMa } from './networks.ts';

export interface OpenVideoMaMaParts {
	/** The folder of the official checkpoints, `unet/` and `vae/`. */
	readonly folder: string;
	/** A folder of ours, for what is made of weights that cannot be written beside them. */
	readonly cache: string;
	readonly runtime: NodeRuntime;
	readonly precision: FloatType;
}

/**
 * Makes ready to open VideoMaMa's networks from their official checkpoints; for another size or number of frames they are opened anew.
 * @throws CodedError `weights-…`, `model-damaged` when a file is missing
 */
export async function videoMaMaOpener(parts: OpenVideoMaMaParts): Promise<OpenVideoMaMa> {
	const { folder, cache, runtime, precision } = parts;
	const config = await readVideoMaMaConfig(folder);
	const checkpoint = await openCheckpoint(folder);
	const attention = attentionOn(runtime.provider);
	return async ({ width, height }, frames, signal) => {
		await checkUnchanged(checkpoint, folder);
		const build = { ...config, width, height, frames, precision, attention };
		const graphs = buildVideoMaMa(checkpoint.tensors, build);
		// They take turns, so that what one computes with is to be free for the next.
		const occasional = ['encoder', 'unet', 'decoder'] as const;
		return openNetworks(runtime, { ...graphs }, { checkpoint, folder, cache }, { occasional, signal });
	};
}
