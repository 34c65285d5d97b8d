import * as av from 'node-av/lib';
import { AVSEEK_FLAG_BACKWARD } from 'node-av/constants';
import { appError } from '../protocol/errors.ts';
import { check, codecThreads, emptyFrame, isAgain, isEnd, newPacket, timestamp } from './av.ts';
import { Demuxer } from './demux.ts';
import { toTicks } from './info.ts';

/** No clip has larger pictures; refuses a header that would claim all memory. */
const maxPixels = 16384 * 16384;

/** Decodes the video of a clip in presentation order. The frames that it gives belong to the caller, who frees them. */
export class VideoDecoder {
	private readonly packet = newPacket();
	/** A frame that a seek has looked at. */
	private ahead: av.Frame | undefined;
	/** Times of the pictures in the decoder, where the container gives no presentation times (AVI). */
	private readonly decodeTimes: bigint[] = [];
	private drained = false;
	private lastPts: bigint | undefined;
	private count = 0;

	private constructor(
		private demuxer: Demuxer,
		private stream: av.Stream,
		private readonly context: av.CodecContext
	) {}

	/** @throws CodedError `clip-not-video`, `clip-damaged`, `clip-no-video`, `clip-codec` */
	static async open(path: string): Promise<VideoDecoder> {
		const demuxer = await Demuxer.open(path);
		try {
			const stream = demuxer.video;
			if (!stream) throw appError('clip-no-video');
			demuxer.only(stream);
			return new VideoDecoder(demuxer, stream, await openDecoder(stream));
		} catch (error) {
			await demuxer.close();
			throw error;
		}
	}

	/**
	 * The next frame, or undefined at the end. Its pts is always set, and later than that of the frame before it.
	 * @throws CodedError `clip-damaged` when a picture cannot be read or decoded
	 */
	async next(): Promise<av.Frame | undefined> {
		const frame = this.ahead ?? (await this.decode());
		this.ahead = undefined;
		if (frame) this.count++;
		return frame;
	}

	/** Goes back to the first frame or to an earlier key frame, such that the next frame is at or before a timestamp. */
	async seek(pts: bigint): Promise<void> {
		const second = toTicks(1, this.stream.timeBase);
		for (let back = 0n; back < second * 64n; back = back === 0n ? second : back * 2n) {
			if (!(await this.jump(pts - back))) break;
			const frame = await this.firstKeyFrame();
			this.ahead = frame;
			if (frame && frame.pts <= pts) return;
			frame?.free();
			this.ahead = undefined;
		}
		await this.rewind();
	}

	async close(): Promise<void> {
		this.ahead?.free();
		this.packet.free();
		this.context.freeContext();
		await this.demuxer.close();
	}

	private async jump(pts: bigint): Promise<boolean> {
		this.reset();
		return this.demuxer.seek(this.stream, pts, AVSEEK_FLAG_BACKWARD);
	}

	/** Not every container can seek to its start: opening it again always works. */
	private async rewind(): Promise<void> {
		const { path } = this.demuxer;
		await this.demuxer.close();
		this.demuxer = await Demuxer.open(path);
		this.stream = this.demuxer.video!;
		this.demuxer.only(this.stream);
		this.reset();
	}

	private reset(): void {
		this.ahead?.free();
		this.ahead = undefined;
		this.context.flushBuffers();
		this.drained = false;
		this.lastPts = undefined;
		this.decodeTimes.length = 0;
	}

	/** After a seek, pictures shown before the key frame refer to ones that were not decoded. */
	private async firstKeyFrame(): Promise<av.Frame | undefined> {
		for (let frame = await this.decode(); frame; frame = await this.decode()) {
			if (frame.keyFrame) return frame;
			frame.free();
		}
		return undefined;
	}

	private async decode(): Promise<av.Frame | undefined> {
		const frame = emptyFrame();
		try {
			for (;;) {
				const code = await this.context.receiveFrame(frame);
				if (code >= 0) return this.stamp(frame);
				if (isEnd(code)) break;
				if (!isAgain(code)) check(code, 'decode');
				await this.feed();
			}
		} catch (cause) {
			frame.free();
			throw appError('clip-damaged', { frame: this.count }, { cause });
		}
		frame.free();
		return undefined;
	}

	private async feed(): Promise<void> {
		if (this.drained) throw new Error('the decoder asks for more than there is');
		while (await this.demuxer.read(this.packet)) {
			if (this.packet.streamIndex !== this.stream.index) continue;
			const { pts, dts } = this.packet;
			if (timestamp(pts) === undefined && timestamp(dts) !== undefined) this.decodeTimes.push(dts);
			check(await this.context.sendPacket(this.packet), 'decode');
			return;
		}
		this.drained = true;
		check(await this.context.sendPacket(null), 'decode');
	}

	/** Some muxers leave timestamps out or repeat them; frames follow each other all the same. */
	private stamp(frame: av.Frame): av.Frame {
		const pts = this.decodeTimes.shift() ?? timestamp(frame.bestEffortTimestamp);
		if (this.lastPts === undefined) frame.pts = pts ?? timestamp(this.stream.startTime) ?? 0n;
		else frame.pts = pts !== undefined && pts > this.lastPts ? pts : this.lastPts + 1n;
		this.lastPts = frame.pts;
		return frame;
	}
}

/** @throws CodedError `clip-codec` */
async function openDecoder(stream: av.Stream): Promise<av.CodecContext> {
	const { codecpar } = stream;
	const codec = av.Codec.findDecoder(codecpar.codecId);
	const name = av.avGetCodecName(codecpar.codecId) ?? codecpar.codecTagString ?? 'unknown';
	if (!codec) throw appError('clip-codec', { codec: name });
	const context = new av.CodecContext();
	context.allocContext3(codec);
	const options = av.Dictionary.fromObject({ max_pixels: maxPixels });
	try {
		check(context.parametersToContext(codecpar), 'set up the decoder');
		context.pktTimebase = stream.timeBase;
		context.threadCount = codecThreads;
		check(await context.open2(codec, options), 'open the decoder');
		return context;
	} catch (cause) {
		context.freeContext();
		throw appError('clip-codec', { codec: name }, { cause });
	} finally {
		options.free();
	}
}
