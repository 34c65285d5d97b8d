import { makeZip } from 'client-zip';
import type { Alpha, Frame } from '../../models/frame.ts';
import { encodePng } from './png.ts';
import type { ClipFrame, MadeFile, Output } from './types.ts';

/**
 * A zip of RGBA pictures with straight colour, `NAME_000000.png` and on. `timestamps.txt` holds their times in milliseconds, one a line
 * (timecode format v2).
 */
export class PngOutput implements Output {
	readonly #pictures: { name: string; input: Blob }[] = [];
	readonly #times: string[] = [];

	/** @param name what the pictures' names begin with */
	constructor(private readonly name: string) {}

	async write({ index, time }: ClipFrame, _alpha: Alpha, foreground: Frame): Promise<void> {
		const name = `${this.name}_${String(index).padStart(6, '0')}.png`;
		this.#pictures.push({ name, input: await encodePng(foreground) });
		this.#times.push((time * 1000).toFixed(3));
	}

	async finish(): Promise<MadeFile> {
		const times = ['# timestamp format v2', ...this.#times, ''].join('\n');
		const zip = makeZip([...this.#pictures, { name: 'timestamps.txt', input: times }]);
		const headers = { 'Content-Type': 'application/zip' };
		return { blob: await new Response(zip, { headers }).blob(), extension: 'zip', notices: [] };
	}
}
