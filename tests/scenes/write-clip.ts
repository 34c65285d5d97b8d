import { Encoder, Muxer } from 'node-av/api';
import {
	AV_CHANNEL_LAYOUT_STEREO,
	AV_LOG_ERROR,
	AV_PIX_FMT_RGBA,
	AV_PIX_FMT_YUV420P,
	AV_SAMPLE_FMT_FLTP,
	AVCOL_PRI_BT709,
	AVCOL_RANGE_JPEG,
	AVCOL_RANGE_MPEG,
	AVCOL_SPC_BT709,
	AVCOL_SPC_RGB,
	AVCOL_SPC_SMPTE170M,
	AVCOL_TRC_BT709,
	FF_ENCODER_AAC,
	FF_ENCODER_LIBX264,
	FF_ENCODER_MJPEG
} from 'node-av/constants';
import { FFmpegError, Frame as AvFrame, Log, Rational, SoftwareScaleContext } from 'node-av/lib';
import type { Frame } from '../../models/frame.ts';

// The encoders' chatter would hide what the scripts print.
Log.setLevel(AV_LOG_ERROR);

/** Stereo sound: samples from -1 to 1 of the left and the right channel. */
export interface Sound {
	readonly sampleRate: number;
	readonly left: Float32Array;
	readonly right: Float32Array;
}

export interface ClipOptions {
	readonly frameRate: number;
	/** x264's constant rate factor: 0 (no loss) to 51. */
	readonly quality: number;
	/** How hard x264 tries, for example `ultrafast` or `slow`. */
	readonly preset: string;
	readonly sound?: Sound;
}

/** Samples that one packet of AAC holds. */
const audioBlock = 1024;

/** Writes frames as an MP4 file: H.264, 4:2:0, BT.709, limited range; with sound also AAC. */
export async function writeClip(path: string, frames: Iterable<Frame>, options: ClipOptions): Promise<void> {
	const timeBase = new Rational(1, options.frameRate);
	const video = await Encoder.create(FF_ENCODER_LIBX264, {
		context: { gopSize: options.frameRate, framerate: new Rational(options.frameRate, 1) },
		options: { crf: options.quality, preset: options.preset }
	});
	const audio = options.sound && (await Encoder.create(FF_ENCODER_AAC, { context: { bitRate: '96k' } }));
	const muxer = await Muxer.open(path, { format: 'mp4', options: { movflags: '+faststart' } });
	const videoStream = muxer.addStream(video);
	const audioStream = audio && muxer.addStream(audio);
	const convert = converter(bt709);

	let index = 0;
	for (const frame of frames) {
		const picture = convert(frame);
		picture.pts = BigInt(index++);
		picture.timeBase = timeBase;
		await encode(muxer, video, picture, videoStream);
	}
	await encode(muxer, video, null, videoStream);
	if (audio) {
		for (const block of audioBlocks(options.sound!)) await encode(muxer, audio, block, audioStream!);
		await encode(muxer, audio, null, audioStream!);
	}
	await muxer.close();
	video.close();
	audio?.close();
}

/** Encodes one frame, or with null what the encoder still holds, and writes what comes out. */
async function encode(muxer: Muxer, encoder: Encoder, frame: AvFrame | null, stream: number): Promise<void> {
	for (const packet of await encoder.encodeAll(frame)) {
		await muxer.writePacket(packet, stream);
		packet.free();
	}
	frame?.free();
}

/** A picture as a JPEG file. */
export async function encodeJpeg(frame: Frame): Promise<Buffer> {
	const picture = converter({ ...bt709, colorSpace: AVCOL_SPC_SMPTE170M, colorRange: AVCOL_RANGE_JPEG })(
		frame
	);
	picture.timeBase = new Rational(1, 1);
	const bytes = await Encoder.encodeOne(FF_ENCODER_MJPEG, picture);
	picture.free();
	return bytes;
}

const bt709 = {
	colorSpace: AVCOL_SPC_BT709,
	colorPrimaries: AVCOL_PRI_BT709,
	colorTrc: AVCOL_TRC_BT709,
	colorRange: AVCOL_RANGE_MPEG
};

/** Turns our RGBA frames into pictures for the encoder. */
function converter(colours: Partial<AvFrame>): (frame: Frame) => AvFrame {
	const scaler = new SoftwareScaleContext();
	scaler.allocContext();
	scaler.setOption('sws_flags', 'area+accurate_rnd+full_chroma_int');
	return ({ width, height, data }) => {
		const source = AvFrame.fromVideoBuffer(Buffer.from(data.buffer, data.byteOffset, data.byteLength), {
			width,
			height,
			format: AV_PIX_FMT_RGBA,
			timeBase: { num: 1, den: 1 }
		});
		source.colorSpace = AVCOL_SPC_RGB;
		source.colorRange = AVCOL_RANGE_JPEG;
		const picture = new AvFrame();
		picture.alloc();
		Object.assign(picture, { width, height, format: AV_PIX_FMT_YUV420P, ...colours });
		FFmpegError.throwIfError(picture.getBuffer(), 'allocate a picture');
		FFmpegError.throwIfError(scaler.scaleFrameSync(picture, source), 'convert a picture');
		source.free();
		return picture;
	};
}

function* audioBlocks({ sampleRate, left, right }: Sound): Generator<AvFrame> {
	for (let start = 0; start < left.length; start += audioBlock) {
		const end = Math.min(left.length, start + audioBlock);
		const samples = new Float32Array((end - start) * 2);
		samples.set(left.subarray(start, end));
		samples.set(right.subarray(start, end), end - start);
		const block = AvFrame.fromAudioBuffer(Buffer.from(samples.buffer), {
			nbSamples: end - start,
			format: AV_SAMPLE_FMT_FLTP,
			sampleRate,
			channelLayout: AV_CHANNEL_LAYOUT_STEREO,
			timeBase: { num: 1, den: sampleRate }
		});
		block.pts = BigInt(start);
		yield block;
	}
}
