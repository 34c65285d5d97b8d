import { transfer } from 'comlink';
import { expose } from '../rpc.ts';
import { Clip } from './clip.ts';
import type { MediaApi } from './types.ts';

let opened: Clip | undefined;

function clip(): Clip {
	if (!opened) throw new Error('no clip is open');
	return opened;
}

expose({
	async open(file, name, onConvert) {
		opened = await Clip.open(file, name, onConvert);
		return opened.meta;
	},
	async frame(index) {
		const picture = await clip().frame(index);
		return transfer(picture, [picture]);
	},
	async thumbnails(count, height, onThumbnail) {
		let index = 0;
		for await (const picture of clip().thumbnails(count, height)) {
			onThumbnail(index++, transfer(picture, [picture]));
		}
	}
} satisfies MediaApi);
