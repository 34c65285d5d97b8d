import * as av from 'node-av/lib';
import {
	AV_CHANNEL_ORDER_NATIVE,
	AV_CODEC_FLAG_GLOBAL_HEADER,
	AV_SAMPLE_FMT_FLT,
	AV_SAMPLE_FMT_FLTP,
	FF_ENCODER_AAC,
	FF_ENCODER_LIBOPUS,
	type AVSampleFormat,
	type FFEncoderCodec
} from 'node-av/constants';
import { check, emptyFrame, isAgain, isEnd } from './av.ts';
import { Encoder } from './encoder.ts';
import type { Muxer } from './muxer.ts';
import type { OutputContainer } from './outputs/specs.ts';

/** What audio is encoded as where it cannot be copied. */
interface Target {
	/** FFmpeg's name of the codec. */
	readonly name: string;
	readonly encoder: FFEncoderCodec;
	readonly sampleFormat: AVSampleFormat;
	readonly bitsPerChannel: bigint;
	/** The rate, given the source's. */
	readonly rate: (source: number) => number;
}

const aac: Target = {
	name: 'aac',
	encoder: FF_ENCODER_AAC,
	sampleFormat: AV_SAMPLE_FMT_FLTP,
	bitsPerChannel: 128_000n,
	rate: (source) => ([44100, 48000, 88200, 96000].includes(source) ? source : 48000)
};

const opus: Target = {
	name: 'opus',
	encoder: FF_ENCODER_LIBOPUS,
	sampleFormat: AV_SAMPLE_FMT_FLT,
	bitsPerChannel: 96_000n,
	rate: () => 48000
};

export const targets: Readonly<Record<OutputContainer, Target>> = { mp4: aac, mov: aac, webm: opus };

/** Mono and stereo stay; everything else becomes stereo, which every player has. */
const layouts = { mono: 0x4n, stereo: 0x3n } as const;

/** Decodes audio, resamples it (gaps become silence) and encodes it anew. */
export class AudioConverter {
	private readonly decoded = emptyFrame();
	private readonly filtered = emptyFrame();
	private graph: av.FilterGraph | undefined;

	private constructor(
		private readonly source: av.Stream,
		private readonly decoder: av.CodecContext,
		private readonly encoder: Encoder,
		private readonly muxer: Muxer,
		private readonly output: av.Stream,
		private readonly target: Target
	) {}

	/** Adds a stream for the new audio to the muxer; undefined when the source's codec cannot be decoded. */
	static async open(source: av.Stream, muxer: Muxer, target: Target): Promise<AudioConverter | undefined> {
		const decoder = await openDecoder(source);
		if (!decoder) return undefined;
		const { channels, sampleRate } = source.codecpar;
		const layout = channels === 1 ? layouts.mono : layouts.stereo;
		const nbChannels = channels === 1 ? 1 : 2;
		const encoder = await Encoder.open(target.encoder, (context) => {
			context.sampleRate = target.rate(sampleRate);
			context.sampleFormat = target.sampleFormat;
			context.channelLayout = { nbChannels, order: AV_CHANNEL_ORDER_NATIVE, mask: layout };
			context.bitRate = target.bitsPerChannel * BigInt(nbChannels);
			context.timeBase = new av.Rational(1, context.sampleRate);
			context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
		});
		const output = muxer.addStream(encoder.context.timeBase, ({ codecpar }) => {
			check(codecpar.fromContext(encoder.context), 'describe the audio');
		});
		return new AudioConverter(source, decoder, encoder, muxer, output, target);
	}

	async write(packet: av.Packet): Promise<void> {
		// A packet that cannot be decoded leaves a gap, which the filter fills with silence.
		if ((await this.decoder.sendPacket(packet)) >= 0) await this.drainDecoder();
	}

	async finish(): Promise<void> {
		await this.decoder.sendPacket(null);
		await this.drainDecoder();
		if (this.graph) {
			check(await this.input().buffersrcAddFrame(null), 'filter audio');
			await this.drainFilter();
		}
		await this.encode(null);
	}

	close(): void {
		this.graph?.free();
		this.decoded.free();
		this.filtered.free();
		this.decoder.freeContext();
		this.encoder.close();
	}

	private async drainDecoder(): Promise<void> {
		while ((await this.decoder.receiveFrame(this.decoded)) >= 0) {
			this.graph ??= await this.buildGraph(this.decoded);
			check(await this.input().buffersrcAddFrame(this.decoded), 'filter audio');
			this.decoded.unref();
			await this.drainFilter();
		}
	}

	private async drainFilter(): Promise<void> {
		const sink = this.graph!.getFilter('abuffersink@out')!;
		for (;;) {
			const code = await sink.buffersinkGetFrame(this.filtered);
			if (isAgain(code) || isEnd(code)) return;
			check(code, 'filter audio');
			await this.encode(this.filtered);
			this.filtered.unref();
		}
	}

	private async encode(frame: av.Frame | null): Promise<void> {
		const { timeBase } = this.encoder.context;
		await this.encoder.encode(frame, (packet) => this.muxer.write(packet, this.output, timeBase));
	}

	private input(): av.FilterContext {
		return this.graph!.getFilter('abuffer@in')!;
	}

	private async buildGraph(first: av.Frame): Promise<av.FilterGraph> {
		const { timeBase } = this.source;
		const { context } = this.encoder;
		const format = av.avGetSampleFmtName(first.format as AVSampleFormat);
		const graph = new av.FilterGraph();
		graph.alloc();
		const chain = [
			`abuffer@in=time_base=${timeBase.num}/${timeBase.den}:sample_rate=${first.sampleRate}:sample_fmt=${format}:channel_layout=${av.avChannelLayoutDescribe(first.channelLayout)}`,
			'aresample=async=1',
			`aformat=sample_fmts=${av.avGetSampleFmtName(this.target.sampleFormat)}:sample_rates=${context.sampleRate}:channel_layouts=${av.avChannelLayoutDescribe(context.channelLayout)}`,
			`asetnsamples=n=${context.frameSize}:p=0`,
			'abuffersink@out'
		];
		check(graph.parse2(chain.join(',')), 'filter audio');
		check(await graph.config(), 'filter audio');
		return graph;
	}
}

async function openDecoder({ codecpar, timeBase }: av.Stream): Promise<av.CodecContext | undefined> {
	const codec = av.Codec.findDecoder(codecpar.codecId);
	if (!codec) return undefined;
	const context = new av.CodecContext();
	context.allocContext3(codec);
	context.pktTimebase = timeBase;
	if (context.parametersToContext(codecpar) >= 0 && (await context.open2(codec, null)) >= 0) return context;
	context.freeContext();
	return undefined;
}
