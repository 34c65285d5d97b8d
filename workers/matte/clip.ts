import { VideoSampleSink, type InputAudioTrack, type VideoSample } from 'mediabunny';
import type { Clip } from '../../models/clip.ts';
import { CodedError } from '../../models/errors.ts';
import type { Frame, Size } from '../../models/frame.ts';
import { appError } from '../../server/protocol/errors.ts';
import { openContainer, type Container } from '../media/container.ts';
import { nearest } from '../media/nearest.ts';
import type { ClipFrame } from './types.ts';

/** Bytes of frames that a backward pass may hold. */
const backwardBytes = 128 * 2 ** 20;
/** Seconds by which a frame's timestamp may miss what the container says of it. */
const tolerance = 0.0005;

export interface BrowserClipInfo extends Size {
	readonly frames: number;
	/** Mean frames a second. */
	readonly frameRate: number;
	readonly variableFrameRate: boolean;
	/** Ticks a second in which the container counts time. */
	readonly timescale: number;
}

/** Reads the frames of a clip with the browser's decoder, upright, in square pixels and sRGB. */
export class BrowserClip implements Clip<ClipFrame> {
	readonly #container: Container;
	readonly #context: OffscreenCanvasRenderingContext2D;

	private constructor(
		container: Container,
		readonly info: BrowserClipInfo
	) {
		this.#container = container;
		this.#context = new OffscreenCanvas(info.width, info.height).getContext('2d', {
			alpha: false,
			colorSpace: 'srgb',
			willReadFrequently: true
		})!;
	}

	/**
	 * Opens a clip that the browser can decode by itself.
	 * @param name for messages
	 * @throws CodedError `clip-needs-server` when it cannot, `clip-no-video`, `clip-no-frames`, `clip-damaged`
	 */
	static async open(file: Blob, name: string): Promise<BrowserClip> {
		const container = await openContainer(file);
		if (container && (await container.track.canDecode())) {
			const clip = new BrowserClip(container, await describe(container));
			// A browser may accept a codec and then fail on the variant at hand.
			const first = await clip.frameAt(0).catch(() => undefined);
			if (first) return clip;
		}
		container?.close();
		throw appError('clip-needs-server', { name });
	}

	/** Lets go of the file and of what was read ahead of it. */
	close(): void {
		this.#container.close();
	}

	/** Seconds in the file's own time at which the first frame is shown. */
	get start(): number {
		return this.#container.timestamps[0]!;
	}

	audio(): Promise<InputAudioTrack | null> {
		return this.#container.track.input.getPrimaryAudioTrack();
	}

	indexAt(seconds: number): number | undefined {
		const { timestamps, end } = this.#container;
		const at = this.start + seconds;
		return at > end ? undefined : nearest(timestamps, at);
	}

	async frameAt(index: number, signal?: AbortSignal): Promise<ClipFrame | undefined> {
		if (index >= this.info.frames) return undefined;
		for await (const frame of this.#pass(index, signal)) return frame;
		return undefined;
	}

	frames({
		from = 0,
		signal
	}: { readonly from?: number; readonly signal?: AbortSignal } = {}): AsyncGenerator<
		ClipFrame,
		void,
		undefined
	> {
		return this.#pass(this.#framesBefore(from), signal);
	}

	async *framesBackward({
		before,
		signal
	}: {
		readonly before: number;
		readonly signal?: AbortSignal;
	}): AsyncGenerator<ClipFrame, void, undefined> {
		const { width, height } = this.info;
		const capacity = Math.max(4, Math.floor(backwardBytes / (width * height * 4)));
		let end = this.#framesBefore(before);
		while (end > 0) {
			const first = Math.max(0, end - capacity);
			const stretch: ClipFrame[] = [];
			for await (const frame of this.#pass(first, signal)) {
				stretch.push(frame);
				if (frame.index === end - 1) break;
			}
			while (stretch.length > 0) yield stretch.pop()!;
			end = first;
		}
	}

	/** How many frames are shown before a time, in seconds after the first frame. */
	#framesBefore(seconds: number): number {
		const until = this.start + seconds - tolerance;
		return this.#container.timestamps.filter((timestamp) => timestamp < until).length;
	}

	/** All frames from a number on. */
	async *#pass(first: number, signal?: AbortSignal): AsyncGenerator<ClipFrame, void, undefined> {
		const { timestamps, end, track } = this.#container;
		if (first >= timestamps.length) return;
		let index = first;
		try {
			for await (const sample of new VideoSampleSink(track).samples(timestamps[first])) {
				const { timestamp } = sample;
				const picture = this.#take(sample);
				signal?.throwIfAborted();
				// What an edit list cuts off is decoded, but not shown.
				if (timestamp < timestamps[first]! - tolerance) continue;
				if (nearest(timestamps, timestamp) !== index) break;
				const time = timestamps[index]! - this.start;
				const duration = (timestamps[index + 1] ?? end) - timestamps[index]!;
				yield { ...picture, index, time, duration };
				index++;
			}
		} catch (error) {
			signal?.throwIfAborted();
			if (error instanceof CodedError) throw error;
			throw appError('clip-damaged', { frame: index }, { cause: error });
		}
		if (index < timestamps.length) throw appError('clip-damaged', { frame: index });
	}

	/** The pixels of a decoded picture, which is closed. */
	#take(sample: VideoSample): Frame {
		const { width, height } = this.info;
		try {
			sample.draw(this.#context, 0, 0, width, height);
		} finally {
			sample.close();
		}
		return { width, height, data: this.#context.getImageData(0, 0, width, height).data };
	}
}

async function describe({ track, timestamps, end }: Container): Promise<BrowserClipInfo> {
	const frames = timestamps.length;
	const span = timestamps[frames - 1]! - timestamps[0]!;
	return {
		width: await track.getDisplayWidth(),
		height: await track.getDisplayHeight(),
		frames,
		frameRate: frames > 1 ? (frames - 1) / span : 1 / Math.max(end - timestamps[0]!, 0.001),
		variableFrameRate: isVariable(timestamps),
		timescale: await track.getTimeResolution()
	};
}

/** Whether the frames' durations differ by more than the rounding of timestamps to milliseconds. */
function isVariable(timestamps: Float64Array): boolean {
	let shortest = Infinity;
	let longest = 0;
	for (let i = 1; i < timestamps.length; i++) {
		const duration = timestamps[i]! - timestamps[i - 1]!;
		shortest = Math.min(shortest, duration);
		longest = Math.max(longest, duration);
	}
	return longest - shortest > 0.0015;
}
