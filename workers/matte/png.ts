import type { Frame } from '../../models/frame.ts';
import { packPng } from '../../models/png.ts';

/** A frame as a PNG, its straight colours exact. */
export function encodePng({ width, height, data }: Frame): Promise<Blob> {
	return packPng({ width, height }, 'rgba', differences(data, width * 4, height));
}

/** Each row as differences to the pixel on the left (filter 1). */
function differences(data: Frame['data'], stride: number, height: number): Uint8Array<ArrayBuffer> {
	const rows = new Uint8Array((stride + 1) * height);
	for (let y = 0, from = 0, to = 0; y < height; y++) {
		rows[to++] = 1;
		for (let x = 0; x < stride; x++, from++) rows[to++] = data[from]! - (x < 4 ? 0 : data[from - 4]!);
	}
	return rows;
}
