import type { Frame as Picture } from 'node-av/lib';
import type { Clip } from '../../models/clip.ts';
import type { Size } from '../../models/frame.ts';
import { appError } from '../protocol/errors.ts';
import { VideoDecoder } from './decoder.ts';
import { toSeconds, toTicks, type MediaInfo, type TimedFrame } from './info.ts';
import { FrameReader } from './convert.ts';
import { examine, type Times } from './probe.ts';

/** A time names the frame within this many seconds of it, since times pass through floating point and other programs. */
const tolerance = 0.0005;

/** Bytes of decoded pictures that a backward pass may hold. */
const backwardBytes = 128 * 2 ** 20;

export interface ReadOptions {
	readonly signal?: AbortSignal;
	/** Size to scale the upright frames to while decoding; the clip's own if absent. */
	readonly size?: Size;
}

/** Opens a clip for reading; throws what `probe` throws. */
export async function openClip(path: string): Promise<ClipReader> {
	const { info, times } = await examine(path);
	return new ClipReader(path, info, times);
}

/** Reads the frames of a clip. Each pass opens the file for itself, so passes may run side by side. */
export class ClipReader implements Clip<TimedFrame> {
	private readonly closing = new AbortController();

	constructor(
		readonly path: string,
		readonly info: MediaInfo,
		private readonly times: Times
	) {}

	/** The number of the frame whose start is nearest to a time, in seconds after the first frame; undefined behind the clip's end. */
	indexAt(seconds: number): number | undefined {
		const { timeBase, start } = this.info;
		const { pts, end } = this.times;
		const at = start + toTicks(seconds, timeBase);
		if (at > end) return undefined;
		const next = lowerBound(pts, at);
		const later = pts[next];
		const earlier = pts[next - 1];
		if (later === undefined) return next - 1;
		return earlier !== undefined && at - earlier < later - at ? next - 1 : next;
	}

	/** When a frame starts, in seconds after the first frame. */
	timeAt(index: number): number {
		return toSeconds(this.times.pts[index]! - this.info.start, this.info.timeBase);
	}

	/** One frame by its number; undefined behind the clip's end. */
	async frameAt(index: number, signal?: AbortSignal): Promise<TimedFrame | undefined> {
		if (this.times.pts[index] === undefined) return undefined;
		for await (const frame of this.frames({ from: this.timeAt(index), signal })) return frame;
		return undefined;
	}

	/**
	 * Frames in presentation order.
	 * @param from seconds after the first frame at which to begin
	 * @throws CodedError `clip-damaged` when a picture cannot be decoded or the clip ends before its last frame
	 */
	async *frames({ from = 0, signal, size }: ReadOptions & { readonly from?: number } = {}): AsyncGenerator<
		TimedFrame,
		void,
		undefined
	> {
		const pass = await Pass.open(this, this.times, size, this.either(signal));
		try {
			const start = this.ticks(from);
			if (start > this.info.start) await pass.seek(start);
			for (let picture = await pass.next(); picture; picture = await pass.next()) {
				if (picture.pts < start) picture.free();
				else yield await pass.toFrame(picture);
			}
		} finally {
			await pass.close();
		}
	}

	/**
	 * Frames whose time is less than `before` (seconds after the first frame), newest first. Decodes stretch by stretch and holds at
	 * most 128 MiB of decoded pictures.
	 * @throws CodedError `clip-damaged`
	 */
	async *framesBackward({
		before,
		signal,
		size
	}: ReadOptions & { readonly before: number }): AsyncGenerator<TimedFrame, void, undefined> {
		const pass = await Pass.open(this, this.times, size, this.either(signal));
		let stretch: Picture[] = [];
		try {
			for (let end = this.ticks(before); end > this.info.start;) {
				stretch = await pass.before(end);
				end = stretch[0]!.pts;
				while (stretch.length > 0) yield await pass.toFrame(stretch.pop()!);
			}
		} finally {
			for (const picture of stretch) picture.free();
			await pass.close();
		}
	}

	/** Ends every pass that is still running: it throws at its next frame. */
	close(): void {
		this.closing.abort();
	}

	private either(signal: AbortSignal | undefined): AbortSignal {
		return signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
	}

	private ticks(seconds: number): bigint {
		return this.info.start + toTicks(Math.max(0, seconds - tolerance), this.info.timeBase);
	}
}

/** One run through a clip: a decoder, and what turns its pictures into frames. */
class Pass {
	private readonly reader: FrameReader;
	/** Pictures that may be held at a time. */
	private readonly capacity: number;
	private latest: bigint | undefined;
	private count = 0;

	private constructor(
		private readonly decoder: VideoDecoder,
		private readonly info: MediaInfo,
		private readonly times: Times,
		size: Size,
		private readonly signal: AbortSignal
	) {
		this.reader = new FrameReader(size, info.orientation, info.color);
		this.capacity = Math.max(4, Math.floor(backwardBytes / info.pictureBytes));
	}

	static async open(
		{ path, info }: ClipReader,
		times: Times,
		size: Size = info,
		signal: AbortSignal
	): Promise<Pass> {
		signal.throwIfAborted();
		return new Pass(await VideoDecoder.open(path), info, times, size, signal);
	}

	async seek(pts: bigint): Promise<void> {
		await this.decoder.seek(pts);
	}

	/** The next picture, which the caller frees. */
	async next(): Promise<Picture | undefined> {
		this.signal.throwIfAborted();
		const picture = await this.decoder.next();
		if (picture) {
			this.latest = picture.pts;
			this.count++;
		} else if (this.latest === undefined || this.latest < this.info.last)
			throw appError('clip-damaged', { frame: this.count });
		return picture;
	}

	/** The pictures before a timestamp, in order: at least one, and no more than may be held. The caller frees them. */
	async before(end: bigint): Promise<Picture[]> {
		const held: Picture[] = [];
		try {
			const first = Math.max(0, lowerBound(this.times.pts, end) - this.capacity);
			await this.decoder.seek(this.times.pts[first]!);
			let picture = await this.next();
			for (; picture && picture.pts < end; picture = await this.next())
				if (held.push(picture) > this.capacity) held.shift()!.free();
			picture?.free();
			return held;
		} catch (error) {
			for (const picture of held) picture.free();
			throw error;
		}
	}

	/** Converts a picture and frees it. */
	async toFrame(picture: Picture): Promise<TimedFrame> {
		try {
			this.signal.throwIfAborted();
			const { pts } = picture;
			const index = lowerBound(this.times.pts, pts);
			const time = toSeconds(pts - this.info.start, this.info.timeBase);
			const duration = (this.times.pts[index + 1] ?? this.times.end) - pts;
			return { ...(await this.reader.read(picture)), index, time, pts, duration };
		} finally {
			picture.free();
		}
	}

	async close(): Promise<void> {
		this.reader.close();
		await this.decoder.close();
	}
}

/** Number of the first timestamp that is not before `pts`. */
function lowerBound(times: readonly bigint[], pts: bigint): number {
	let low = 0;
	let high = times.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (times[middle]! < pts) low = middle + 1;
		else high = middle;
	}
	return low;
}
