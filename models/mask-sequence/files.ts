import { readMaskExr } from './exr.ts';
import { readMaskPng, type MaskPicture } from './picture.ts';

/**
 * Reads a PNG or, where its name ends so, an OpenEXR file.
 * @throws CodedError `mask-unreadable`, `mask-exr`
 */
export function readMaskPicture(file: Blob, name: string): Promise<MaskPicture> {
	return /\.exr$/i.test(name) ? readMaskExr(file, name) : readMaskPng(file, name);
}
