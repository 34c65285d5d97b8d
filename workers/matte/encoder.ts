import { EncodedPacket } from 'mediabunny';
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
	/** Times of the frames that are being encoded, by their timestamps. */
	readonly #times = new Map<number, Pick<ClipFrame, 'time' | 'duration'>>();
	/** The packets so far are written. */
	#written: Promise<void> = Promise.resolve();
	#nextKey = 0;
	#failure: unknown;
	#fail: (error: unknown) => void = () => {};
	/** Resolves when there is a failure. */
	readonly #failed = new Promise<void>((resolve) => {
		this.#fail = (error) => {
			this.#failure ??= error;
			resolve();
		};
	});

	constructor(
		private readonly encoding: Encoding,
		private readonly colorSpace: VideoColorSpaceInit,
		sink: PacketSink
	) {
		this.#encoder = new VideoEncoder({
			error: (cause) => this.#fail(appError('encoder-failed', { codec: encoding.name }, { cause })),
			output: (chunk, meta) => {
				const { time, duration } = this.#times.get(chunk.timestamp)!;
				this.#times.delete(chunk.timestamp);
				const packet = EncodedPacket.fromEncodedChunk(chunk).clone({ timestamp: time, duration });
				this.#written = this.#written.then(() => sink(packet, this.#tagged(meta))).catch(this.#fail);
			}
		});
		this.#encoder.configure(encoding.config);
	}

	/**
	 * Resolves when there is room for the next picture.
	 * @throws CodedError `encoder-failed`, or what the sink has thrown, also for a picture before this one
	 */
	async encode({ data, width, height }: I420, { time, duration }: ClipFrame): Promise<void> {
		if (this.#failure) throw this.#failure;
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
		while (this.#encoder.encodeQueueSize >= QUEUE) await this.#wait(this.#dequeued());
		await this.#wait(this.#written);
	}

	/** Encodes what is left. */
	async finish(): Promise<void> {
		await this.#wait(this.#encoder.flush());
		await this.#wait(this.#written);
		this.#encoder.close();
	}

	/** Not every browser says what the numbers mean that it encodes; then they mean what they meant before. */
	#tagged(meta: EncodedVideoChunkMetadata | undefined): EncodedVideoChunkMetadata | undefined {
		const { decoderConfig } = meta ?? {};
		if (!decoderConfig || typeof decoderConfig.colorSpace?.fullRange === 'boolean') return meta;
		return { ...meta, decoderConfig: { ...decoderConfig, colorSpace: this.colorSpace } };
	}

	/** Waits for a step, or throws what has gone wrong meanwhile. */
	async #wait(step: Promise<void>): Promise<void> {
		// A step that a failure cuts off is told as that failure.
		await Promise.race([step.catch(this.#fail), this.#failed]);
		if (this.#failure) throw this.#failure;
	}

	#dequeued(): Promise<void> {
		return new Promise((resolve) => {
			this.#encoder.addEventListener('dequeue', () => resolve(), { once: true });
		});
	}
}
