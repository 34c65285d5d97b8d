import { join } from 'node:path';
import { modelError } from '../errors.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { readJson } from '../weights/read-json.node.ts';
import { parseUNetConfig, parseVaeConfig, type UNetConfig, type VaeConfig } from './config.ts';

const name = 'VideoMaMa';

/** What the files beside the weights say of the networks. */
export interface VideoMaMaConfig {
	readonly unet: UNetConfig;
	readonly vae: VaeConfig;
}

/**
 * Reads `unet/config.json` and `vae/config.json` in a checkpoint's folder.
 * @throws CodedError `model-damaged` when one is missing, `weights-svd`, `weights-other`, `weights-damaged`
 */
export async function readVideoMaMaConfig(folder: string): Promise<VideoMaMaConfig> {
	return {
		unet: parseUNetConfig(await readJson(folder, 'unet/config.json', name)),
		vae: parseVaeConfig(await readJson(folder, 'vae/config.json', name))
	};
}

/**
 * Looks whether a folder holds both parts, and a UNet that sees a mask: Stable Video Diffusion's own lies beside the VAE on the hub.
 * @throws CodedError as `readVideoMaMaConfig` does; `weights-…` for files of weights that cannot be opened
 */
export async function checkVideoMaMa(folder: string): Promise<void> {
	await readVideoMaMaConfig(folder);
	for (const part of ['unet', 'vae']) {
		const { tensors } = await openCheckpoint(join(folder, part));
		const channels = tensors.get('conv_in.weight')?.shape[1];
		if (part === 'unet' && channels === 8) throw modelError('weights-svd');
	}
}
