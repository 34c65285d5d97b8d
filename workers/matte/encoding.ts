import type { Size } from '../../models/frame.ts';
import { appError } from '../../server/protocol/errors.ts';

/** What a video is encoded for: data that is to come back exact, an editor's timeline, or a look at it. */
export type Fidelity = 'data' | 'edit' | 'look';

type Codec = 'avc' | 'vp9' | 'av1';

/** How a browser encodes a video. */
export interface Encoding {
	readonly codec: Codec;
	/** For people. */
	readonly name: string;
	readonly config: VideoEncoderConfig;
	/** Given with every frame, where the browser takes quantizers. */
	readonly frameOptions?: VideoEncoderEncodeOptions;
}

/** In the order in which they are tried: what every player and editor reads comes first. */
const codecs: readonly { readonly codec: Codec; readonly name: string }[] = [
	{ codec: 'avc', name: 'H.264' },
	{ codec: 'vp9', name: 'VP9' },
	{ codec: 'av1', name: 'AV1' }
];

/** The levels of each codec, each with the pixels of a frame that it takes at 60 frames a second. */
const levels: Readonly<Record<Codec, readonly (readonly [codec: string, pixels: number])[]>> = {
	avc: [
		['avc1.64002a', 8_704 * 256],
		['avc1.640034', 36_864 * 256],
		['avc1.64003e', 139_264 * 256]
	],
	vp9: [
		['vp09.00.41.08', 2_228_224],
		['vp09.00.51.08', 8_912_896],
		['vp09.00.61.08', 35_651_584]
	],
	av1: [
		['av01.0.09M.08', 2_359_296],
		['av01.0.13M.08', 8_912_896],
		['av01.0.17M.08', 35_651_584]
	]
};

/** Quantizers, each in its codec's own measure. */
const quantizers: Readonly<Record<Fidelity, Readonly<Record<Codec, number>>>> = {
	data: { avc: 6, vp9: 4, av1: 4 },
	edit: { avc: 14, vp9: 14, av1: 14 },
	look: { avc: 18, vp9: 20, av1: 20 }
};

/** Bits for a pixel, where the browser takes a bit rate only. */
const bitsPerPixel: Readonly<Record<Fidelity, number>> = { data: 1, edit: 0.5, look: 0.25 };

/**
 * Finds the first encoding that this browser can make.
 * @throws CodedError `encoder-missing`
 */
export async function chooseEncoding(size: Size, frameRate: number, fidelity: Fidelity): Promise<Encoding> {
	for (const candidate of candidates(size, frameRate, fidelity)) {
		const { supported } = await VideoEncoder.isConfigSupported(candidate.config).catch(() => ({
			supported: false
		}));
		if (supported) return candidate;
	}
	throw appError('encoder-missing', { width: size.width, height: size.height });
}

function* candidates({ width, height }: Size, framerate: number, fidelity: Fidelity): Generator<Encoding> {
	for (const { codec, name } of codecs) {
		const level = levels[codec].find(([, pixels]) => width * height <= pixels);
		if (!level) continue;
		// No frame may be left out: `quality` forbids it.
		const config = { codec: level[0], width, height, framerate, latencyMode: 'quality' } as const;
		const frameOptions = { [codec]: { quantizer: quantizers[fidelity][codec] } };
		yield { codec, name, config: { ...config, bitrateMode: 'quantizer' }, frameOptions };
		const bitrate = Math.round(bitsPerPixel[fidelity] * width * height * framerate);
		yield { codec, name, config: { ...config, bitrateMode: 'variable', bitrate } };
	}
}
