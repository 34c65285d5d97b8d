import * as av from 'node-av/lib';
import type { FFEncoderCodec } from 'node-av/constants';
import { check, isAgain, isEnd, newPacket } from './av.ts';

/** An encoder of any kind: frames in, packets out. */
export class Encoder {
	private readonly packet = newPacket();

	private constructor(readonly context: av.CodecContext) {}

	/**
	 * @param configure sets size, format, time base and the like
	 * @param options of the codec by name; one that it does not know is an error
	 */
	static async open(
		name: FFEncoderCodec,
		configure: (context: av.CodecContext) => void,
		options: Readonly<Record<string, string>> = {}
	): Promise<Encoder> {
		const codec = av.Codec.findEncoderByName(name);
		if (!codec) throw new Error(`this FFmpeg has no encoder ${name}`);
		const context = new av.CodecContext();
		context.allocContext3(codec);
		try {
			configure(context);
			for (const [option, value] of Object.entries(options))
				check(context.setOption(option, value), `set ${option} of ${name}`);
			check(await context.open2(codec, null), `open ${name}`);
			return new Encoder(context);
		} catch (error) {
			context.freeContext();
			throw error;
		}
	}

	/**
	 * Encodes a frame, or what is left when it is null, and hands each packet that comes out to `sink`, in the context's time base.
	 * The packet is good until the sink is done.
	 */
	async encode(frame: av.Frame | null, sink: (packet: av.Packet) => Promise<void>): Promise<void> {
		check(await this.context.sendFrame(frame), 'encode');
		for (;;) {
			const code = await this.context.receivePacket(this.packet);
			if (isAgain(code) || isEnd(code)) return;
			check(code, 'encode');
			try {
				await sink(this.packet);
			} finally {
				this.packet.unref();
			}
		}
	}

	close(): void {
		this.packet.free();
		this.context.freeContext();
	}
}
