import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parityFile } from '../parity/parity-file.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { writeStandIn } from '../weights/stand-in.ts';

const parts = {
	unet: 'unet/diffusion_pytorch_model.safetensors',
	vae: 'vae/diffusion_pytorch_model.fp16.safetensors'
};

/**
 * Writes the whole of a VideoMaMa checkpoint into a folder, as it is published: the parity file's reduced networks, with weights from a
 * formula, so that their alpha means nothing.
 */
export async function writeSmallVideoMaMa(folder: string): Promise<void> {
	const parity = fileURLToPath(new URL('../parity/videomama.safetensors', import.meta.url));
	const { weights, metadata } = parityFile(await openCheckpoint(parity));
	for (const [part, path] of Object.entries(parts)) {
		const prefix = `${part}.`;
		const own = Object.entries(weights.shapes).filter(([name]) => name.startsWith(prefix));
		const file = join(folder, path);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(join(folder, part, 'config.json'), metadata[`${part}_config`]!);
		await writeStandIn(Object.fromEntries(own), { ...weights, prefix }, (chunk) => appendFile(file, chunk));
	}
}
