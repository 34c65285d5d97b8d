import {
	EncodedAudioPacketSource,
	EncodedPacketSink,
	type EncodedPacket,
	type InputAudioTrack,
	type Output
} from 'mediabunny';

/** The clip's audio on its way into an output, packet by packet as it is. */
export class AudioCopy {
	readonly #source: EncodedAudioPacketSource;
	readonly #packets: AsyncGenerator<EncodedPacket, void, unknown>;
	#waiting: EncodedPacket | undefined;
	#meta: EncodedAudioChunkMetadata | undefined;

	private constructor(
		track: InputAudioTrack,
		source: EncodedAudioPacketSource,
		decoderConfig: AudioDecoderConfig,
		/** The clip's first frame, in seconds of the audio's time. */
		private readonly origin: number
	) {
		this.#source = source;
		this.#meta = { decoderConfig };
		this.#packets = new EncodedPacketSink(track).packets();
	}

	/** Adds the audio to an output that is not yet started; undefined when its container does not take the codec. */
	static async open(track: InputAudioTrack, output: Output, origin: number): Promise<AudioCopy | undefined> {
		const codec = await track.getCodec();
		const config = await track.getDecoderConfig();
		if (!codec || !config || !output.format.getSupportedAudioCodecs().includes(codec)) return undefined;
		const source = new EncodedAudioPacketSource(codec);
		output.addAudioTrack(source, { languageCode: await track.getLanguageCode() });
		return new AudioCopy(track, source, config, origin);
	}

	/** Writes the audio up to a time in seconds after the clip's first frame. */
	async advance(seconds: number): Promise<void> {
		for (;;) {
			this.#waiting ??= (await this.#packets.next()).value ?? undefined;
			if (!this.#waiting || this.#waiting.timestamp - this.origin > seconds) return;
			const packet = this.#waiting.clone({ timestamp: this.#waiting.timestamp - this.origin });
			this.#waiting = undefined;
			await this.#source.add(packet, this.#meta);
			this.#meta = undefined;
		}
	}

	async finish(): Promise<void> {
		await this.advance(Infinity);
		this.#source.close();
	}
}
