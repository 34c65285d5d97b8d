import { BufferTarget, EncodedVideoPacketSource, Mp4OutputFormat, Output as MediaOutput } from 'mediabunny';
import { checkerboard, composite, greenScreen } from '../../models/composite.ts';
import type { Alpha, Frame, Size } from '../../models/frame.ts';
import { greyToI420, rgbToI420, type I420 } from '../../models/i420.ts';
import type { Notice } from '../../server/protocol/schema.ts';
import { AudioCopy } from './audio.ts';
import type { BrowserClip } from './clip.ts';
import { Encoder } from './encoder.ts';
import { chooseEncoding, type Fidelity } from './encoding.ts';
import type { BrowserOutput, ClipFrame, MadeFile, Output } from './types.ts';

export type VideoKind = Exclude<BrowserOutput, 'png'>;

type Painter = (alpha: Alpha, foreground: Frame) => I420;

const fidelities: Readonly<Record<VideoKind, Fidelity>> = {
	alpha: 'data',
	foreground: 'edit',
	preview: 'look'
};

const mime = 'video/mp4';

/** An MP4: one picture for each frame of the clip, at the same time, with the clip's audio. It is built in memory. */
export class VideoOutput implements Output {
	readonly #target = new BufferTarget();
	readonly #output = new MediaOutput({
		format: new Mp4OutputFormat({ fastStart: 'in-memory' }),
		target: this.#target
	});
	readonly #paint: Painter;
	readonly #notices: Notice[] = [];
	#encoder!: Encoder;
	#audio: AudioCopy | undefined;

	private constructor(
		private readonly kind: VideoKind,
		private readonly clip: BrowserClip
	) {
		this.#paint = painter(kind, clip.info);
	}

	/** @throws CodedError `encoder-missing` */
	static async open(kind: VideoKind, clip: BrowserClip): Promise<VideoOutput> {
		const output = new VideoOutput(kind, clip);
		await output.#open();
		return output;
	}

	async write(frame: ClipFrame, alpha: Alpha, foreground: Frame): Promise<void> {
		await this.#audio?.advance(frame.time);
		await this.#encoder.encode(this.#paint(alpha, foreground), frame);
	}

	async finish(): Promise<MadeFile> {
		await this.#encoder.finish();
		await this.#audio?.finish();
		await this.#output.finalize();
		const blob = new Blob([this.#target.buffer!], { type: mime });
		return { blob, extension: 'mp4', notices: this.#notices };
	}

	async #open(): Promise<void> {
		const { kind, clip } = this;
		const encoding = await chooseEncoding(clip.info, clip.info.frameRate, fidelities[kind]);
		if (encoding.codec !== 'avc')
			this.#notices.push({ code: 'encoded-in-browser', params: { codec: encoding.name } });
		const source = new EncodedVideoPacketSource(encoding.codec);
		// The `frameRate` is the grid of the timestamps: that of the clip, so that they come out as they went in.
		this.#output.addVideoTrack(source, { frameRate: clip.info.timescale });
		const colorSpace = colorSpaceOf(kind);
		this.#encoder = new Encoder(encoding, colorSpace, (packet, meta) => source.add(packet, meta));
		const audio = await clip.audio();
		if (audio) {
			this.#audio = await AudioCopy.open(audio, this.#output, clip.start);
			if (!this.#audio) this.#notices.push({ code: 'audio-dropped', params: { kind } });
		}
		await this.#output.start();
	}
}

function colorSpaceOf(kind: VideoKind): VideoColorSpaceInit {
	return { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: kind === 'alpha' };
}

function painter(kind: VideoKind, size: Size): Painter {
	if (kind === 'alpha') return greyToI420;
	const background = kind === 'foreground' ? greenScreen(size) : checkerboard(size);
	const pixels = new Int32Array(background.length);
	return (_, foreground) => {
		composite(foreground, background, pixels);
		return rgbToI420(pixels, size);
	};
}
