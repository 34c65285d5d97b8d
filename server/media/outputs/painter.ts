import type * as av from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { checkerboard, composite, greenScreen } from '../../../models/composite.ts';
import type { Alpha, Frame } from '../../../models/frame.ts';
import { fillPlane, newPicture, rational } from '../av.ts';
import { PictureMaker, tag } from '../convert.ts';
import type { Color, MediaInfo } from '../info.ts';
import type { Content } from './specs.ts';

/** Makes the picture that an encoder gets. The frames are read before `paint` returns its promise; the caller frees the picture. */
export interface Painter {
	paint(alpha: Alpha, foreground: Frame): Promise<av.Frame>;
	close(): void;
}

export function createPainter(
	content: Content,
	format: AVPixelFormat,
	info: MediaInfo,
	color: Color
): Painter {
	if (content === 'alpha') return greyPainter(format, info, color);
	const maker = new PictureMaker(info, format, color, info.pixelAspect);
	const close = () => maker.close();
	if (content === 'straight') return { paint: (_, { data }) => maker.make(data), close };
	const background = content === 'green' ? greenScreen(info) : checkerboard(info);
	const pixels = new Int32Array(background.length);
	const bytes = new Uint8Array(pixels.buffer);
	return {
		paint(_, foreground) {
			composite(foreground, background, pixels);
			return maker.make(bytes);
		},
		close
	};
}

/** The alpha is the luma as it is; there is no colour. */
function greyPainter(format: AVPixelFormat, info: MediaInfo, color: Color): Painter {
	return {
		async paint({ data }) {
			const picture = newPicture(format, info.width, info.height);
			tag(picture, color);
			picture.sampleAspectRatio = rational(info.pixelAspect);
			fillPlane(picture, 0, data, info.width);
			picture.data![1]!.fill(128);
			picture.data![2]!.fill(128);
			return picture;
		},
		close() {}
	};
}
