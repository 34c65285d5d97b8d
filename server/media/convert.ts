import type * as av from 'node-av/lib';
import {
	AV_PIX_FMT_RGBA,
	AVCOL_RANGE_JPEG,
	AVCOL_SPC_RGB,
	AVCOL_SPC_UNSPECIFIED,
	type AVPixelFormat
} from 'node-av/constants';
import type { Frame, Size } from '../../models/frame.ts';
import { check, fillPlane, newPicture, newScaler, rational } from './av.ts';
import type { Color, Ratio } from './info.ts';
import { isUpright, turn, turnedSize, type Orientation } from './orientation.ts';

/** Turns decoded pictures into upright RGBA frames of one size, with the stream's own matrix and range. */
export class FrameReader {
	private readonly scaler = newScaler();
	private readonly rgba: av.Frame;

	/** @param size of the frames that come out */
	constructor(
		private readonly size: Size,
		private readonly orientation: Orientation,
		private readonly color: Color
	) {
		this.rgba = newRgba(turnedSize(size, orientation), color);
	}

	async read(picture: av.Frame): Promise<Frame> {
		if (picture.colorSpace === AVCOL_SPC_UNSPECIFIED) picture.colorSpace = this.color.matrix;
		// The same on both sides, so that colours are not mapped from one gamut to another.
		picture.colorPrimaries = this.color.primaries;
		picture.colorTrc = this.color.transfer;
		check(await this.scaler.scaleFrame(this.rgba, picture), 'convert to RGB');
		return { width: this.size.width, height: this.size.height, data: this.pixels() };
	}

	close(): void {
		this.scaler.freeContext();
		this.rgba.free();
	}

	private pixels(): Uint8Array {
		if (isUpright(this.orientation)) return this.rgba.toBuffer();
		const plane = this.rgba.data![0]!;
		const stored = new Int32Array(plane.buffer, plane.byteOffset, plane.byteLength / 4);
		const stride = this.rgba.linesize[0]! / 4;
		return new Uint8Array(turn(stored, stride, this.size, this.orientation).buffer);
	}
}

/** Turns RGBA frames into pictures as an encoder wants them. */
export class PictureMaker {
	private readonly scaler = newScaler();
	private readonly rgba: av.Frame;

	constructor(
		private readonly size: Size,
		private readonly format: AVPixelFormat,
		private readonly color: Color,
		private readonly pixelAspect: Ratio
	) {
		this.rgba = newRgba(size, color);
	}

	/** @param rgba packed, straight alpha; read before the promise is given */
	async make(rgba: Uint8Array | Uint8ClampedArray): Promise<av.Frame> {
		const { width, height } = this.size;
		fillPlane(this.rgba, 0, rgba, width * 4);
		const picture = newPicture(this.format, width, height);
		tag(picture, this.color);
		picture.sampleAspectRatio = rational(this.pixelAspect);
		check(await this.scaler.scaleFrame(picture, this.rgba), 'convert from RGB');
		return picture;
	}

	close(): void {
		this.scaler.freeContext();
		this.rgba.free();
	}
}

function newRgba({ width, height }: Size, color: Color): av.Frame {
	const rgba = newPicture(AV_PIX_FMT_RGBA, width, height);
	tag(rgba, { ...color, matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG });
	return rgba;
}

/** Writes down how a picture's numbers are to be read. */
export function tag(picture: av.Frame, color: Color): void {
	picture.colorSpace = color.matrix;
	picture.colorRange = color.range;
	picture.colorPrimaries = color.primaries;
	picture.colorTrc = color.transfer;
}
