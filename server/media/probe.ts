import * as av from 'node-av/lib';
import {
	AV_PKT_DATA_DISPLAYMATRIX,
	AV_PKT_FLAG_CORRUPT,
	AV_PKT_FLAG_DISCARD,
	AVCOL_RANGE_JPEG,
	AVCOL_RANGE_MPEG,
	AVCOL_SPC_BT709,
	AVCOL_SPC_RGB,
	AVCOL_SPC_SMPTE170M,
	AVCOL_SPC_UNSPECIFIED,
	type AVPixelFormat
} from 'node-av/constants';
import { appError } from '../protocol/errors.ts';
import type { Limits } from '../protocol/schema.ts';
import { newPacket, timestamp } from './av.ts';
import { VideoDecoder } from './decoder.ts';
import { Demuxer } from './demux.ts';
import { toSeconds, toTicks, type Color, type MediaInfo, type Ratio } from './info.ts';
import { orientationFromMatrix, turnedSize, upright } from './orientation.ts';

export interface ProbeOptions {
	/** Of duration and size, if any hold. */
	readonly limits?: Pick<Limits, 'seconds' | 'shortSide'>;
}

/**
 * Finds out what a clip is: reads its packets once, and decodes its first frame to be sure that it can be.
 * @throws CodedError `clip-not-video`, `clip-damaged`, `clip-no-video`, `clip-no-frames`, `clip-codec`, `clip-too-long`, `clip-too-big`
 */
export async function probe(path: string, options: ProbeOptions = {}): Promise<MediaInfo> {
	return (await examine(path, options)).info;
}

/** What `probe` finds, with the time of every picture. */
export async function examine(
	path: string,
	{ limits }: ProbeOptions = {}
): Promise<{ info: MediaInfo; times: Times }> {
	const demuxer = await Demuxer.open(path);
	try {
		const stream = demuxer.video;
		if (!stream) throw appError('clip-no-video');
		if (limits) {
			checkSize(stream.codecpar, limits.shortSide);
			checkDuration(Number(timestamp(demuxer.duration) ?? 0n) / 1e6, limits.seconds);
		}
		const first = await decodeFirst(path);
		const times = await readTimes(demuxer, stream);
		const info = describe(demuxer, stream, first, times);
		if (limits) {
			checkSize(info, limits.shortSide);
			checkDuration(info.duration, limits.seconds);
		}
		return { info, times };
	} finally {
		await demuxer.close();
	}
}

function checkSize({ width, height }: { width: number; height: number }, limit: number): void {
	if (Math.min(width, height) > limit) throw appError('clip-too-big', { width, height, limit });
}

function checkDuration(seconds: number, limit: number): void {
	// A clip of "60 seconds" may end a frame later.
	if (seconds > limit + 0.5) throw appError('clip-too-long', { seconds: Math.round(seconds), limit });
}

/** What only a decoder knows. */
interface FirstFrame {
	readonly pts: bigint;
	readonly width: number;
	readonly height: number;
	readonly color: Color;
	readonly bytes: number;
}

async function decodeFirst(path: string): Promise<FirstFrame> {
	const decoder = await VideoDecoder.open(path);
	try {
		const frame = await decoder.next();
		if (!frame) throw appError('clip-no-frames');
		const { pts, width, height } = frame;
		const bytes = av.avImageGetBufferSize(frame.format as AVPixelFormat, width, height, 1);
		const first = { pts, width, height, bytes, color: colorOf(frame) };
		frame.free();
		return first;
	} finally {
		await decoder.close();
	}
}

/** An untagged clip is read as players do: HD as BT.709, smaller ones as BT.601, limited range. */
function colorOf(frame: av.Frame): Color {
	const known = frame.colorSpace !== AVCOL_SPC_UNSPECIFIED && frame.colorSpace !== AVCOL_SPC_RGB;
	const guess = frame.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
	return {
		matrix: known ? frame.colorSpace : guess,
		range: frame.colorRange === AVCOL_RANGE_JPEG ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG,
		primaries: frame.colorPrimaries,
		transfer: frame.colorTrc
	};
}

/** When the pictures are shown. */
export interface Times {
	/** Start of each, in presentation order. */
	readonly pts: readonly bigint[];
	/** End of the last. */
	readonly end: bigint;
}

/** @throws CodedError `clip-damaged` when the container ends before what it states, `clip-no-frames` */
async function readTimes(demuxer: Demuxer, stream: av.Stream): Promise<Times> {
	const packet = newPacket();
	const pts: bigint[] = [];
	let last = 0n;
	let lastDuration = 0n;
	let broken: unknown;
	try {
		demuxer.only(stream);
		while (await demuxer.read(packet)) {
			if (packet.streamIndex !== stream.index || packet.hasFlags(AV_PKT_FLAG_DISCARD)) continue;
			if (packet.hasFlags(AV_PKT_FLAG_CORRUPT)) throw new Error('a packet is cut short');
			const time = timestamp(packet.pts) ?? timestamp(packet.dts) ?? last + lastDuration;
			pts.push(time);
			if (time < last && pts.length > 1) continue;
			last = time;
			lastDuration = packet.duration;
		}
	} catch (error) {
		broken = error;
	} finally {
		packet.free();
	}
	const stated = (timestamp(stream.duration) ?? 0n) + (timestamp(stream.startTime) ?? 0n);
	const missing = toSeconds(stated - last - lastDuration, stream.timeBase);
	if (broken || missing > 0.25) throw appError('clip-damaged', { frame: pts.length }, { cause: broken });
	if (pts.length === 0) throw appError('clip-no-frames');
	pts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
	// A packet lasts until the next one in decoding order, which is not the next one shown: the stated end is surer.
	if (stated > last) return { pts, end: stated };
	return { pts, end: last + (lastDuration > 0n ? lastDuration : meanDuration(pts, stream.timeBase)) };
}

/** Ticks from picture to picture; 40 ms for a single one. */
function meanDuration(pts: readonly bigint[], timeBase: Ratio): bigint {
	const steps = BigInt(pts.length - 1);
	const mean = steps > 0n ? (pts.at(-1)! - pts[0]!) / steps : toTicks(0.04, timeBase);
	return mean > 0n ? mean : 1n;
}

function describe(demuxer: Demuxer, stream: av.Stream, first: FirstFrame, { pts, end }: Times): MediaInfo {
	const { codecpar, timeBase } = stream;
	const matrix = codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
	const orientation = matrix ? orientationFromMatrix(matrix) : upright;
	const last = pts.at(-1)!;
	const duration = toSeconds(end - first.pts, timeBase);
	const frameRate =
		pts.length > 1 ? (pts.length - 1) / toSeconds(last - pts[0]!, timeBase) : 1 / (duration || 1);
	const audio = demuxer.audio?.codecpar;
	return {
		...turnedSize(first, orientation),
		container: demuxer.container,
		codec: av.avGetCodecName(codecpar.codecId) ?? 'unknown',
		duration,
		frames: pts.length,
		frameRate: Math.round(frameRate * 1000) / 1000,
		variableFrameRate: isVariable(pts, timeBase),
		audio: audio && {
			codec: av.avGetCodecName(audio.codecId) ?? 'unknown',
			channels: audio.channels,
			sampleRate: audio.sampleRate
		},
		timeBase,
		start: first.pts,
		last,
		pixelAspect: pixelAspect(stream, orientation.transpose),
		orientation,
		color: first.color,
		pictureBytes: first.bytes
	};
}

/** Whether the pictures' durations differ by more than the rounding of their timestamps. */
function isVariable(pts: readonly bigint[], timeBase: Ratio): boolean {
	let shortest = Infinity;
	let longest = 0;
	for (let i = 1; i < pts.length; i++) {
		const ticks = Number(pts[i]! - pts[i - 1]!);
		shortest = Math.min(shortest, ticks);
		longest = Math.max(longest, ticks);
	}
	const spread = longest - shortest;
	return spread > 1 && (spread * timeBase.num) / timeBase.den > 0.001;
}

function pixelAspect(stream: av.Stream, transpose: boolean): Ratio {
	const stated = [stream.sampleAspectRatio, stream.codecpar.sampleAspectRatio];
	const { num, den } = stated.find((ratio) => ratio.num > 0 && ratio.den > 0) ?? { num: 1, den: 1 };
	return transpose ? { num: den, den: num } : { num, den };
}
