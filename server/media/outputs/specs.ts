import {
	AV_PIX_FMT_YUV420P,
	AV_PIX_FMT_YUV444P,
	AV_PIX_FMT_YUVA420P,
	AV_PIX_FMT_YUVA444P10LE,
	FF_ENCODER_LIBVPX_VP9,
	FF_ENCODER_LIBX264,
	FF_ENCODER_PRORES_KS,
	type AVPixelFormat,
	type FFEncoderCodec
} from 'node-av/constants';
import type { Size } from '../../../models/frame.ts';
import type { OutputKind } from '../../protocol/schema.ts';

/** What a picture of an output shows: the alpha as grey, the foreground over a background, or the foreground with its alpha. */
export type Content = 'alpha' | 'green' | 'checkerboard' | 'straight';

export type OutputContainer = 'mp4' | 'mov' | 'webm';

/** How a video output is made. */
export interface VideoSpec {
	readonly content: Content;
	readonly extension: string;
	readonly mime: string;
	/** FFmpeg's muxer. */
	readonly container: OutputContainer;
	readonly encoder: FFEncoderCodec;
	readonly format: (size: Size) => AVPixelFormat;
	readonly options: Readonly<Record<string, string>>;
}

/** H.264 counts its crop in chroma samples, so that 4:2:0 has even sizes only; a picture of an odd size is coded in 4:4:4. */
const h264Format = ({ width, height }: Size) =>
	width % 2 === 0 && height % 2 === 0 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV444P;

/** Without looking ahead, each encoder holds a few pictures instead of dozens; constant quality does not need it. */
const shallow = 'rc-lookahead=0:sync-lookahead=0:mbtree=0:threads=2';

const h264 = (content: Content, crf: number, params: string): VideoSpec => ({
	content,
	extension: 'mp4',
	mime: 'video/mp4',
	container: 'mp4',
	encoder: FF_ENCODER_LIBX264,
	format: h264Format,
	options: { preset: 'veryfast', crf: String(crf), 'x264-params': params }
});

export const videoSpecs: Readonly<Record<Exclude<OutputKind, 'png'>, VideoSpec>> = {
	// Adaptive quantization and psychovisual tricks serve the eye; an alpha is data.
	alpha: h264('alpha', 6, `${shallow}:aq-mode=0:psy=0`),
	foreground: h264('green', 14, shallow),
	preview: h264('checkerboard', 18, shallow),
	prores: {
		content: 'straight',
		extension: 'mov',
		mime: 'video/quicktime',
		container: 'mov',
		encoder: FF_ENCODER_PRORES_KS,
		format: () => AV_PIX_FMT_YUVA444P10LE,
		options: { profile: '4444', alpha_bits: '16', vendor: 'apl0' }
	},
	webm: {
		content: 'straight',
		extension: 'webm',
		mime: 'video/webm',
		container: 'webm',
		encoder: FF_ENCODER_LIBVPX_VP9,
		format: () => AV_PIX_FMT_YUVA420P,
		// Alternative reference frames have no alpha.
		options: { crf: '18', b: '0', deadline: 'realtime', 'cpu-used': '6', 'row-mt': '1', 'auto-alt-ref': '0' }
	}
};
