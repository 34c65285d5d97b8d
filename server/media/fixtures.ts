import { join } from 'node:path';
import * as av from 'node-av/lib';
import {
	AV_CHANNEL_ORDER_NATIVE,
	AV_CODEC_FLAG_FRAME_DURATION,
	AV_CODEC_FLAG_GLOBAL_HEADER,
	AV_PIX_FMT_RGBA,
	AV_PIX_FMT_YUV420P,
	AV_PKT_DATA_DISPLAYMATRIX,
	AV_SAMPLE_FMT_FLTP,
	AV_SAMPLE_FMT_S16,
	AVCOL_PRI_BT709,
	AVCOL_RANGE_JPEG,
	AVCOL_RANGE_MPEG,
	AVCOL_SPC_BT709,
	AVCOL_SPC_RGB,
	AVCOL_TRC_BT709,
	FF_DECODER_PNG,
	FF_ENCODER_AAC,
	FF_ENCODER_LIBX264,
	type AVPixelFormat,
	type FFDecoderCodec,
	type FFEncoderCodec
} from 'node-av/constants';
import type { Frame, Size } from '../../models/frame.ts';
import { check, emptyFrame, newPacket, newPicture, newScaler, rational } from './av.ts';
import { PictureMaker, tag } from './convert.ts';
import { Demuxer } from './demux.ts';
import { Encoder } from './encoder.ts';
import { toSeconds, type Color } from './info.ts';
import { Muxer } from './muxer.ts';

// Clips for tests, made from nothing: a picture that carries its own number, and a sound that marks a moment.

export const bt709: Color = {
	matrix: AVCOL_SPC_BT709,
	range: AVCOL_RANGE_MPEG,
	primaries: AVCOL_PRI_BT709,
	transfer: AVCOL_TRC_BT709
};

export interface ClipOptions extends Partial<Size> {
	readonly container?: 'mp4' | 'mov' | 'avi' | 'matroska' | 'webm';
	readonly encoder?: FFEncoderCodec;
	readonly format?: AVPixelFormat;
	readonly options?: Readonly<Record<string, string>>;
	/** Each frame's start, in ticks of 1 / `timescale` seconds; 25 frames a second if absent. */
	readonly times?: readonly number[];
	readonly timescale?: number;
	readonly bFrames?: number;
	readonly keyEvery?: number;
	/** Draws a frame; `drawNumber` if absent. */
	readonly draw?: (index: number, size: Size) => Frame;
	readonly color?: Color;
	readonly pixelAspect?: { num: number; den: number };
	/** Nine numbers of a display matrix. */
	readonly displayMatrix?: readonly number[];
	/** A click at `click` seconds in silence that begins at `start` and lasts for `seconds`. */
	readonly audio?: {
		readonly encoder?: FFEncoderCodec;
		readonly start?: number;
		readonly seconds: number;
		readonly click: number;
	};
	readonly video?: boolean;
	readonly muxerOptions?: Readonly<Record<string, string>>;
}

export const sampleRate = 48000;

/** Renders a clip and gives its path. */
export async function makeClip(directory: string, name: string, options: ClipOptions = {}): Promise<string> {
	const path = join(directory, name);
	const muxer = await Muxer.open(path, options.container ?? 'mp4');
	const video = options.video === false ? undefined : await addVideo(muxer, options);
	const audio = options.audio && (await addAudio(muxer, options.audio));
	const { timescale = 12800 } = options;
	await muxer.start({ video_track_timescale: String(timescale), ...options.muxerOptions });
	await audio?.write();
	await video?.write();
	await muxer.finish();
	await muxer.close();
	return path;
}

interface Track {
	write(): Promise<void>;
}

async function addVideo(muxer: Muxer, options: ClipOptions): Promise<Track> {
	const { width = 320, height = 180, timescale = 12800, color = bt709 } = options;
	const { format = AV_PIX_FMT_YUV420P, pixelAspect = { num: 1, den: 1 } } = options;
	const times = options.times ?? evenTimes(25, timescale / 25);
	const timeBase = { num: 1, den: timescale };
	const encoder = await Encoder.open(
		options.encoder ?? FF_ENCODER_LIBX264,
		(context) => {
			context.width = width;
			context.height = height;
			context.pixelFormat = format;
			context.timeBase = rational(timeBase);
			context.framerate = rational({ num: 25, den: 1 });
			context.sampleAspectRatio = rational(pixelAspect);
			context.colorSpace = color.matrix;
			context.colorRange = color.range;
			context.colorPrimaries = color.primaries;
			context.colorTrc = color.transfer;
			context.maxBFrames = options.bFrames ?? 0;
			context.gopSize = options.keyEvery ?? 12;
			context.threadCount = 1;
			context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_FRAME_DURATION);
		},
		options.options
	);
	const stream = muxer.addStream(timeBase, ({ codecpar }) => {
		check(codecpar.fromContext(encoder.context), 'describe the video');
		if (options.displayMatrix) {
			const matrix = Buffer.alloc(36);
			options.displayMatrix.forEach((value, i) => matrix.writeInt32LE(value, i * 4));
			codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrix);
		}
	});
	stream.sampleAspectRatio = rational(pixelAspect);
	const maker = new PictureMaker({ width, height }, format, color, pixelAspect);
	const sink = (packet: av.Packet) => muxer.write(packet, stream, timeBase);
	return {
		async write() {
			for (const [index, time] of times.entries()) {
				const frame = (options.draw ?? drawNumber)(index, { width, height });
				const picture = await maker.make(frame.data);
				picture.pts = BigInt(time);
				picture.duration = BigInt((times[index + 1] ?? 2 * time - (times[index - 1] ?? 0)) - time);
				await encoder.encode(picture, sink);
				picture.free();
			}
			await encoder.encode(null, sink);
			maker.close();
			encoder.close();
		}
	};
}

async function addAudio(muxer: Muxer, audio: NonNullable<ClipOptions['audio']>): Promise<Track> {
	const { start = 0, seconds, click } = audio;
	const encoderName = audio.encoder ?? FF_ENCODER_AAC;
	const planar = encoderName === FF_ENCODER_AAC;
	const timeBase = { num: 1, den: sampleRate };
	const channelLayout = { nbChannels: 1, order: AV_CHANNEL_ORDER_NATIVE, mask: 4n };
	const sampleFormat = planar ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
	const encoder = await Encoder.open(encoderName, (context) => {
		context.sampleRate = sampleRate;
		context.sampleFormat = sampleFormat;
		context.channelLayout = channelLayout;
		context.timeBase = rational(timeBase);
		context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
	});
	const stream = muxer.addStream(timeBase, ({ codecpar }) => {
		check(codecpar.fromContext(encoder.context), 'describe the audio');
	});
	const sink = (packet: av.Packet) => muxer.write(packet, stream, timeBase);
	const chunk = encoder.context.frameSize || 1024;
	const value = (time: number) =>
		time >= click && time < click + 0.02 ? 0.8 * Math.sin(2 * Math.PI * 1000 * (time - click)) : 0;
	return {
		async write() {
			for (let from = 0; from < seconds * sampleRate; from += chunk) {
				const samples = Array.from({ length: chunk }, (_, i) => value(start + (from + i) / sampleRate));
				const data = planar
					? new Float32Array(samples)
					: new Int16Array(samples.map((sample) => Math.round(sample * 32767)));
				const frame = av.Frame.fromAudioBuffer(Buffer.from(data.buffer), {
					nbSamples: chunk,
					format: sampleFormat,
					sampleRate,
					channelLayout,
					timeBase,
					pts: BigInt(Math.round(start * sampleRate) + from)
				});
				await encoder.encode(frame, sink);
				frame.free();
			}
			await encoder.encode(null, sink);
			encoder.close();
		}
	};
}

/** `count` frames of equal length. */
export function evenTimes(count: number, ticks: number): number[] {
	return Array.from({ length: count }, (_, index) => index * ticks);
}

const bits = 8;

/** A picture with its number in black and white blocks along the top, patches of colour below, and a square that moves. */
export function drawNumber(index: number, { width, height }: Size): Frame {
	const data = new Uint8Array(width * height * 4);
	const patches = [
		[200, 60, 50],
		[60, 160, 70],
		[50, 80, 190],
		[180, 180, 180]
	] as const;
	for (let y = 0, i = 0; y < height; y++)
		for (let x = 0; x < width; x++, i += 4) {
			const column = Math.floor((x * bits) / width);
			const patch = patches[Math.floor((x * 4) / width)]!;
			const inSquare = Math.abs(x - ((index * 7) % width)) < 8 && Math.abs(y - height / 2) < 8;
			const bit = (index >> column) & 1 ? 235 : 20;
			const [r, g, b] = y < height / 4 ? [bit, bit, bit] : inSquare ? [240, 220, 40] : patch;
			data[i] = r;
			data[i + 1] = g;
			data[i + 2] = b;
			data[i + 3] = 255;
		}
	return { width, height, data };
}

/** The number that `drawNumber` put into a picture of any size. */
export function readNumber({ width, height, data }: Frame): number {
	let number = 0;
	for (let column = 0; column < bits; column++) {
		const x = Math.floor(((column + 0.5) * width) / bits);
		const y = Math.floor(height / 8);
		if (data[(y * width + x) * 4]! > 128) number |= 1 << column;
	}
	return number;
}

/** The packets of a file's video or audio, times in seconds. */
export async function readPackets(
	path: string,
	type: 'video' | 'audio'
): Promise<{ time: number; duration: number; data: Buffer }[]> {
	const demuxer = await Demuxer.open(path);
	const stream = demuxer[type]!;
	const packet = newPacket();
	const packets = [];
	while (await demuxer.read(packet)) {
		if (packet.streamIndex !== stream.index) continue;
		const time = toSeconds(packet.pts, stream.timeBase);
		const duration = toSeconds(packet.duration, stream.timeBase);
		packets.push({ time, duration, data: Buffer.from(packet.data!) });
	}
	packet.free();
	await demuxer.close();
	return packets;
}

/** The time in seconds at which a file's sound is first loud, as a player hears it. */
export async function findClick(path: string): Promise<number | undefined> {
	const demuxer = await Demuxer.open(path);
	const stream = demuxer.audio!;
	const decoder = new av.CodecContext();
	const codec = av.Codec.findDecoder(stream.codecpar.codecId);
	decoder.allocContext3(codec);
	decoder.parametersToContext(stream.codecpar);
	decoder.pktTimebase = stream.timeBase;
	check(await decoder.open2(codec, null), 'open the decoder');
	const packet = newPacket();
	const frame = emptyFrame();
	let found: number | undefined;
	while (found === undefined && (await demuxer.read(packet))) {
		if (packet.streamIndex !== stream.index) continue;
		check(await decoder.sendPacket(packet), 'decode');
		while (found === undefined && (await decoder.receiveFrame(frame)) >= 0) {
			const index = firstLoud(frame);
			if (index >= 0) found = toSeconds(frame.pts, stream.timeBase) + index / frame.sampleRate;
		}
	}
	frame.free();
	packet.free();
	decoder.freeContext();
	await demuxer.close();
	return found;
}

function firstLoud(frame: av.Frame): number {
	const plane = frame.data![0]!;
	const bytes = plane.buffer.slice(plane.byteOffset, plane.byteOffset + plane.byteLength);
	const planar = frame.format === AV_SAMPLE_FMT_FLTP;
	const samples = frame.format === AV_SAMPLE_FMT_S16 ? new Int16Array(bytes) : new Float32Array(bytes);
	const loud = frame.format === AV_SAMPLE_FMT_S16 ? 10000 : 0.3;
	const step = planar ? 1 : frame.channels;
	for (let i = 0; i < frame.nbSamples; i++) if (Math.abs(samples[i * step]!) > loud) return i;
	return -1;
}

/** Decodes the first picture of a video with a decoder that knows about alpha. */
export async function readFirstRgba(path: string, decoder: FFDecoderCodec): Promise<Frame> {
	const demuxer = await Demuxer.open(path);
	const stream = demuxer.video!;
	const packet = newPacket();
	do check((await demuxer.read(packet)) ? 0 : -1, 'read a packet');
	while (packet.streamIndex !== stream.index);
	const frame = await decodeRgba(decoder, packet, stream.codecpar);
	await demuxer.close();
	return frame;
}

/** Decodes a PNG file's content. */
export async function decodePng(data: Buffer): Promise<Frame> {
	const packet = newPacket();
	packet.data = data;
	return decodeRgba(FF_DECODER_PNG, packet);
}

async function decodeRgba(
	name: FFDecoderCodec,
	packet: av.Packet,
	codecpar?: av.CodecParameters
): Promise<Frame> {
	const codec = av.Codec.findDecoderByName(name);
	const decoder = new av.CodecContext();
	decoder.allocContext3(codec);
	if (codecpar) decoder.parametersToContext(codecpar);
	decoder.threadCount = 1;
	check(await decoder.open2(codec, null), 'open the decoder');
	check(await decoder.sendPacket(packet), 'decode');
	await decoder.sendPacket(null);
	const picture = emptyFrame();
	check(await decoder.receiveFrame(picture), 'decode');
	const { width, height } = picture;
	const rgba = newPicture(AV_PIX_FMT_RGBA, width, height);
	tag(rgba, { ...bt709, matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG });
	const scaler = newScaler();
	check(await scaler.scaleFrame(rgba, picture), 'convert to RGB');
	const frame = { width, height, data: rgba.toBuffer() };
	for (const thing of [packet, picture, rgba]) thing.free();
	scaler.freeContext();
	decoder.freeContext();
	return frame;
}
