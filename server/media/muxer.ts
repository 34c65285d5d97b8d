import * as av from 'node-av/lib';
import { check } from './av.ts';
import type { Ratio } from './info.ts';

/** A container in the making: streams are added, then it is started, then packets are written in any interleaving. */
export class Muxer {
	private constructor(
		private readonly format: av.FormatContext,
		readonly container: string
	) {}

	static async open(path: string, container: string): Promise<Muxer> {
		const format = new av.FormatContext();
		try {
			check(format.allocOutputContext2(null, container, `file:${path}`), `set up ${container}`);
			check(await format.openOutput(), 'create the file');
			return new Muxer(format, container);
		} catch (error) {
			format.freeContext();
			throw error;
		}
	}

	/** @param timeBase wished for; the muxer may choose another */
	addStream(timeBase: Ratio, configure: (stream: av.Stream) => void): av.Stream {
		const stream = this.format.newStream(null);
		stream.timeBase = new av.Rational(timeBase.num, timeBase.den);
		configure(stream);
		return stream;
	}

	async start(options: Readonly<Record<string, string>>): Promise<void> {
		const dictionary = av.Dictionary.fromObject(options);
		try {
			check(await this.format.writeHeader(dictionary), 'write the header');
		} finally {
			dictionary.free();
		}
	}

	/** Writes a packet whose timestamps count in `timeBase`. The packet is empty afterwards. */
	async write(packet: av.Packet, stream: av.Stream, timeBase: Ratio): Promise<void> {
		packet.streamIndex = stream.index;
		packet.rescaleTs(timeBase, stream.timeBase);
		check(await this.format.interleavedWriteFrame(packet), 'write a packet');
	}

	/** Writes what is held back, and the container's index. */
	async finish(): Promise<void> {
		check(await this.format.writeTrailer(), 'write the trailer');
		check(this.format.pb?.error ?? 0, 'write the file');
	}

	async close(): Promise<void> {
		await this.format.closeOutput();
		this.format.freeContext();
	}
}
