import { AV_PIX_FMT_GRAY8, Decoder, Demuxer, FilterAPI } from 'node-av';
import type { Mask } from '../../models/frame.ts';

/** Containers of single pictures that FFmpeg may open here: nothing that can refer to another file. */
const pictures = new Set(['png_pipe', 'jpeg_pipe', 'webp_pipe', 'bmp_pipe', 'tiff_pipe', 'pgm_pipe', 'gif']);

/** The file is no picture, or cannot be read. */
export class MaskFileError extends Error {}

/**
 * Reads a picture as a mask by its brightness, 0 to 255.
 * @throws MaskFileError with a message for the user
 */
export async function readMask(file: string): Promise<Mask> {
	const probed = await Demuxer.probeFormat(file).catch(() => null);
	if (!probed || !pictures.has(probed.format)) {
		throw new MaskFileError(`${file} is not a picture that can be read as a mask. Use a PNG of the clip's size.`);
	}
	try {
		await using demuxer = await Demuxer.open(file, { format: probed.format });
		const stream = demuxer.video();
		if (!stream) throw new Error('no picture');
		using decoder = await Decoder.create(stream);
		using gray = FilterAPI.create('scale=in_range=auto:out_range=full,format=gray');
		for await (const frame of gray.frames(decoder.frames(demuxer.packets(stream.index)))) {
			if (!frame) continue;
			using picture = frame;
			if (picture.format !== AV_PIX_FMT_GRAY8) throw new Error('unexpected pixel format');
			return { width: picture.width, height: picture.height, data: new Uint8Array(picture.toBuffer()) };
		}
		throw new Error('no picture');
	} catch (error) {
		throw new MaskFileError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
	}
}
