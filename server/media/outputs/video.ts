import { Dictionary, type CodecContext, type Frame as Picture, type Packet, type Stream } from 'node-av/lib';
import {
	AV_CODEC_FLAG_FRAME_DURATION,
	AV_CODEC_FLAG_GLOBAL_HEADER,
	AVCOL_RANGE_JPEG,
	AVCOL_RANGE_MPEG
} from 'node-av/constants';
import type { Alpha, Frame } from '../../../models/frame.ts';
import type { Notice, OutputKind, Result } from '../../protocol/schema.ts';
import { AudioTrack } from '../audio.ts';
import { check, codecThreads, rational } from '../av.ts';
import { Encoder } from '../encoder.ts';
import type { ClipSource, Color, MediaInfo, TimedFrame } from '../info.ts';
import { Muxer } from '../muxer.ts';
import type { Output } from './output.ts';
import { createPainter, type Painter } from './painter.ts';
import { PartFile } from './part-file.ts';
import { videoSpecs, type VideoSpec } from './specs.ts';

/** A video file: one picture for each frame of the source, at the same time, with the source's audio. */
export class VideoOutput implements Output {
	private readonly spec: VideoSpec;
	private readonly file: PartFile;
	private readonly info: MediaInfo;
	private readonly color: Color;
	private painter: Painter | undefined;
	private encoder: Encoder | undefined;
	private muxer: Muxer | undefined;
	private stream: Stream | undefined;
	private audio: AudioTrack | undefined;
	private notices: Notice[] = [];
	/** The frame that is being encoded; its error is told by the next call. */
	private pending: Promise<void> = Promise.resolve();

	constructor(
		private readonly kind: Exclude<OutputKind, 'png'>,
		directory: string,
		name: string,
		private readonly source: ClipSource
	) {
		this.spec = videoSpecs[kind];
		this.info = source.info;
		this.file = new PartFile(directory, `${name}_${kind}.${this.spec.extension}`, kind, this.spec.mime);
		const range = kind === 'alpha' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
		this.color = { ...this.info.color, range };
	}

	async open(): Promise<void> {
		const { spec, info, kind } = this;
		const format = spec.format(info);
		this.painter = createPainter(spec.content, format, info, this.color);
		const encoder = await Encoder.open(spec.encoder, (context) => this.configure(context), spec.options);
		this.encoder = encoder;
		this.muxer = await Muxer.open(this.file.path, spec.container);
		this.stream = this.muxer.addStream(info.timeBase, (stream) => {
			check(stream.codecpar.fromContext(encoder.context), 'describe the video');
			stream.sampleAspectRatio = encoder.context.sampleAspectRatio;
			if (kind === 'webm') stream.metadata = Dictionary.fromObject({ alpha_mode: '1' });
		});
		const { track, notices } = await AudioTrack.open(
			this.source.path,
			info,
			kind,
			spec.container,
			this.muxer
		);
		this.audio = track;
		this.notices = notices;
		await this.muxer.start(this.muxerOptions());
	}

	async write(frame: TimedFrame, alpha: Alpha, foreground: Frame): Promise<void> {
		await this.pending;
		this.pending = this.encode(this.painter!.paint(alpha, foreground), frame);
		this.pending.catch(() => {});
	}

	async finish(): Promise<Notice[]> {
		await this.pending;
		await this.encoder!.encode(null, this.sink);
		await this.audio?.finish();
		await this.muxer!.finish();
		await this.close();
		await this.file.sync();
		return this.notices;
	}

	publish(): Promise<Result> {
		return this.file.publish();
	}

	async abort(): Promise<void> {
		await this.pending.catch(() => {});
		await this.close();
		await this.file.remove();
	}

	private async encode(painted: Promise<Picture>, { time, pts, duration }: TimedFrame): Promise<void> {
		const picture = await painted;
		try {
			picture.pts = pts - this.info.start;
			picture.duration = duration;
			picture.timeBase = this.encoder!.context.timeBase;
			await this.audio?.advance(time);
			await this.encoder!.encode(picture, this.sink);
		} finally {
			picture.free();
		}
	}

	private readonly sink = (packet: Packet): Promise<void> =>
		this.muxer!.write(packet, this.stream!, this.encoder!.context.timeBase);

	private configure(context: CodecContext): void {
		const { info, color } = this;
		const frameRate = Math.max(1, Math.round(info.frameRate));
		context.width = info.width;
		context.height = info.height;
		context.pixelFormat = this.spec.format(info);
		context.timeBase = rational(info.timeBase);
		context.framerate = rational({ num: Math.round(info.frameRate * 1000), den: 1000 });
		context.sampleAspectRatio = rational(info.pixelAspect);
		context.colorSpace = color.matrix;
		context.colorRange = color.range;
		context.colorPrimaries = color.primaries;
		context.colorTrc = color.transfer;
		// A key frame a second, and none that waits for later ones: easy to scrub, and the first timestamp stays the first.
		context.gopSize = frameRate;
		context.maxBFrames = 0;
		context.threadCount = codecThreads;
		context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_FRAME_DURATION);
	}

	/** MP4 and MOV count in the source's own ticks, so that its timestamps stay exact; WebM counts in milliseconds. */
	private muxerOptions(): Record<string, string> {
		const { container } = this.spec;
		if (container === 'webm') return {};
		const timescale = { video_track_timescale: String(this.info.timeBase.den) };
		return container === 'mp4' ? { ...timescale, movflags: '+faststart' } : timescale;
	}

	private async close(): Promise<void> {
		this.painter?.close();
		this.encoder?.close();
		await this.audio?.close();
		await this.muxer?.close();
		this.painter = this.encoder = this.audio = this.muxer = undefined;
	}
}
