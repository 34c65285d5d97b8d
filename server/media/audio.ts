import * as av from 'node-av/lib';
import {
	AV_CODEC_ID_AAC,
	AV_CODEC_ID_AC3,
	AV_CODEC_ID_ALAC,
	AV_CODEC_ID_EAC3,
	AV_CODEC_ID_MP3,
	AV_CODEC_ID_OPUS,
	AV_CODEC_ID_PCM_F32LE,
	AV_CODEC_ID_PCM_S16BE,
	AV_CODEC_ID_PCM_S16LE,
	AV_CODEC_ID_PCM_S24BE,
	AV_CODEC_ID_PCM_S24LE,
	AV_CODEC_ID_PCM_S32LE,
	AV_CODEC_ID_VORBIS,
	type AVCodecID
} from 'node-av/constants';
import type { Notice, OutputKind } from '../protocol/schema.ts';
import { newPacket, timestamp } from './av.ts';
import { AudioConverter, targets } from './audio-converter.ts';
import { Demuxer } from './demux.ts';
import { toSeconds, type MediaInfo, type Ratio } from './info.ts';
import type { Muxer } from './muxer.ts';
import type { OutputContainer } from './outputs/specs.ts';

const inMp4 = [AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_ALAC];
const pcm = [
	AV_CODEC_ID_PCM_S16LE,
	AV_CODEC_ID_PCM_S16BE,
	AV_CODEC_ID_PCM_S24LE,
	AV_CODEC_ID_PCM_S24BE,
	AV_CODEC_ID_PCM_S32LE,
	AV_CODEC_ID_PCM_F32LE
];

/** What is copied as it is: what players and editing programs read in the container (few read Opus in MP4). */
const copied: Readonly<Record<OutputContainer, readonly AVCodecID[]>> = {
	mp4: inMp4,
	mov: [...inMp4, ...pcm],
	webm: [AV_CODEC_ID_OPUS, AV_CODEC_ID_VORBIS]
};

/** Takes packets of the source's audio, in time since the clip's first frame, and writes them to the output in its own way. */
interface Sink {
	write(packet: av.Packet): Promise<void>;
	finish(): Promise<void>;
	close(): void;
}

/** The source's first audio stream on its way into an output: copied where its container takes the codec, else encoded anew. */
export class AudioTrack {
	private readonly packet = newPacket();
	/** Whether `packet` is read and not yet written. */
	private waiting = false;
	private ended = false;

	private constructor(
		private readonly demuxer: Demuxer,
		private readonly stream: av.Stream,
		private readonly sink: Sink,
		/** The clip's first frame, in the audio's time base. */
		private readonly origin: bigint
	) {}

	/** Adds the audio to a muxer that is not yet started; without a track when there is none, or none that can be carried. */
	static async open(
		path: string,
		info: MediaInfo,
		kind: OutputKind,
		container: OutputContainer,
		muxer: Muxer
	): Promise<{ track?: AudioTrack; notices: Notice[] }> {
		if (!info.audio) return { notices: [] };
		const demuxer = await Demuxer.open(path);
		try {
			const stream = demuxer.audio!;
			demuxer.only(stream);
			const sink = isCopied(stream.codecpar, container)
				? copy(stream, muxer)
				: await AudioConverter.open(stream, muxer, targets[container]);
			if (!sink) {
				await demuxer.close();
				return { notices: [{ code: 'audio-dropped', params: { kind } }] };
			}
			const origin = av.avRescaleQ(info.start, info.timeBase, stream.timeBase);
			const track = new AudioTrack(demuxer, stream, sink, origin);
			if (!(sink instanceof AudioConverter)) return { track, notices: [] };
			const params = { kind, from: info.audio.codec, to: targets[container].name };
			return { track, notices: [{ code: 'audio-reencoded', params }] };
		} catch (error) {
			await demuxer.close();
			throw error;
		}
	}

	/** Writes the audio up to a time in seconds after the clip's first frame. */
	async advance(seconds: number): Promise<void> {
		while (await this.peek()) {
			if (toSeconds(this.packet.dts, this.stream.timeBase) > seconds) return;
			this.waiting = false;
			await this.sink.write(this.packet);
		}
	}

	async finish(): Promise<void> {
		await this.advance(Infinity);
		await this.sink.finish();
	}

	async close(): Promise<void> {
		this.sink.close();
		this.packet.free();
		await this.demuxer.close();
	}

	private async peek(): Promise<boolean> {
		while (!this.waiting && !this.ended) {
			if (!(await this.demuxer.read(this.packet))) this.ended = true;
			else this.waiting = this.packet.streamIndex === this.stream.index && this.shift();
		}
		return this.waiting;
	}

	/** Counts the packet's timestamps from the clip's first frame; false for a packet that has none. */
	private shift(): boolean {
		const dts = timestamp(this.packet.dts) ?? timestamp(this.packet.pts);
		if (dts === undefined) return false;
		this.packet.pts = (timestamp(this.packet.pts) ?? dts) - this.origin;
		this.packet.dts = dts - this.origin;
		return true;
	}
}

/** AAC from AVI may come without the header that the other containers need. */
function isCopied(codecpar: av.CodecParameters, container: OutputContainer): boolean {
	const headless = codecpar.codecId === AV_CODEC_ID_AAC && codecpar.extradataSize === 0;
	return copied[container].includes(codecpar.codecId) && !headless;
}

function copy(stream: av.Stream, muxer: Muxer): Sink {
	const timeBase: Ratio = stream.timeBase;
	const output = muxer.addStream(timeBase, ({ codecpar }) => {
		stream.codecpar.copy(codecpar);
		codecpar.codecTag = 0;
	});
	return {
		write: (packet) => muxer.write(packet, output, timeBase),
		finish: async () => {},
		close: () => {}
	};
}
