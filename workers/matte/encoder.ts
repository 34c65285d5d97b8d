import { EncodedPacket } from 'mediabunny';
import { CodedError } from '../../models/errors.ts';
import type { I420 } from '../../models/i420.ts';
import { appError } from '../../server/protocol/errors.ts';
import type { Encoding } from './encoding.ts';
import type { ClipFrame } from './types.ts';

/** Pictures that wait for the encoder. */
const QUEUE = 2;
/** Seconds from one key frame to the next. */
const KEY_INTERVAL = 1;

export type PacketSink = (
	packet: EncodedPacket,
	meta: EncodedVideoChunkMetadata | undefined
) => Promise<void>;

/** Encodes pictures with WebCodecs and hands on packets that carry the frames' own times. */
export class Encoder {
	readonly #encoder: VideoEncoder;
	/** Rejects when encoding or writing fails. */
	readonly #failed: Promise<never>;
	/** Times of the frames that are being encoded, by their timestamps. */
	readonly #times = new Map<number, Pick<ClipFrame, 'time' | 'duration'>>();
	#written: Promise<void> = Promise.resolve();
	#nextKey = 0;

	constructor(
		private readonly encoding: Encoding,
		private readonly colorSpace: VideoColorSpaceInit,
		sink: PacketSink
	) {
		let fail: (cause: unknown) => void = () => {};
		this.#failed = new Promise((_resolve, reject) => {
			fail = (cause) =>
				reject(
					cause instanceof CodedError
						? cause
						: appError('encoder-failed', { codec: encoding.name }, { cause })
				);
		});
		this.#failed.catch(() => {}); // told with every call
		this.#encoder = new VideoEncoder({
			error: fail,
			output: (chunk, meta) => {
				const { time, duration } = this.#times.get(chunk.timestamp)!;
				this.#times.delete(chunk.timestamp);
				const packet = EncodedPacket.fromEncodedChunk(chunk).clone({ timestamp: time, duration });
				this.#written = this.#written.then(() => sink(packet, meta));
				this.#written.catch(fail);
			}
		});
		this.#encoder.configure(encoding.config);
	}

	/**
	 * Resolves when there is room for the next picture.
	 * @throws CodedError `encoder-failed`, also for a picture before this one
	 */
	async encode({ data, width, height }: I420, { time, duration }: ClipFrame): Promise<void> {
		const timestamp = Math.round(time * 1e6);
		this.#times.set(timestamp, { time, duration });
		const picture = new VideoFrame(data, {
			format: 'I420',
			codedWidth: width,
			codedHeight: height,
			timestamp,
			duration: Math.round(duration * 1e6),
			colorSpace: this.colorSpace
		});
		const keyFrame = time >= this.#nextKey;
		if (keyFrame) this.#nextKey = time + KEY_INTERVAL;
		this.#encoder.encode(picture, { ...this.encoding.frameOptions, keyFrame });
		picture.close();
		while (this.#encoder.encodeQueueSize >= QUEUE) await Promise.race([this.#dequeued(), this.#failed]);
		await Promise.race([this.#written, this.#failed]);
	}

	/** Encodes what is left. */
	async finish(): Promise<void> {
		await Promise.race([this.#encoder.flush(), this.#failed]);
		await Promise.race([this.#written, this.#failed]);
		this.#encoder.close();
	}

	#dequeued(): Promise<void> {
		return new Promise((resolve) => {
			this.#encoder.addEventListener('dequeue', () => resolve(), { once: true });
		});
	}
}
