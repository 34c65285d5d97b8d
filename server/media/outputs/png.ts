import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { makeZip } from 'client-zip';
import type { Packet } from 'node-av/lib';
import { AV_PIX_FMT_RGBA, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB, FF_ENCODER_PNG } from 'node-av/constants';
import type { Alpha, Frame } from '../../../models/frame.ts';
import { Handoff } from '../../../models/handoff.ts';
import type { Notice, Result } from '../../protocol/schema.ts';
import { codecThreads, fillPlane, newPicture, rational } from '../av.ts';
import { tag } from '../convert.ts';
import { Encoder } from '../encoder.ts';
import type { ClipSource, Color, MediaInfo, TimedFrame } from '../info.ts';
import type { Output } from './output.ts';
import { PartFile } from './part-file.ts';

/**
 * A zip of RGBA pictures with straight colour, `NAME_000000.png` and on, written while they are made. `timestamps.txt` holds their
 * times in milliseconds, one a line (timecode format v2).
 */
export class PngOutput implements Output {
	private readonly file: PartFile;
	private readonly info: MediaInfo;
	private readonly color: Color;
	private readonly stop = new AbortController();
	private readonly entries = new Handoff<{ name: string; input: Uint8Array }>();
	private readonly zip: Promise<void>;
	private readonly times: string[] = [];
	private encoder: Encoder | undefined;
	private count = 0;
	private pending: Promise<void> = Promise.resolve();

	constructor(
		directory: string,
		private readonly name: string,
		{ info }: ClipSource
	) {
		this.file = new PartFile(directory, `${name}_png.zip`, 'png', 'application/zip');
		this.info = info;
		this.color = { ...info.color, matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG };
		const target = createWriteStream(this.file.path);
		this.zip = pipeline(makeZip(this.entries), target, { signal: this.stop.signal });
		this.zip.catch(() => {});
	}

	async open(): Promise<void> {
		this.encoder = await Encoder.open(
			FF_ENCODER_PNG,
			(context) => {
				context.width = this.info.width;
				context.height = this.info.height;
				context.pixelFormat = AV_PIX_FMT_RGBA;
				context.timeBase = rational(this.info.timeBase);
				context.threadCount = codecThreads;
			},
			{ compression_level: '3', pred: 'sub' }
		);
	}

	async write(frame: TimedFrame, _alpha: Alpha, foreground: Frame): Promise<void> {
		await this.pending;
		const picture = newPicture(AV_PIX_FMT_RGBA, this.info.width, this.info.height);
		tag(picture, this.color);
		picture.sampleAspectRatio = rational(this.info.pixelAspect);
		picture.pts = frame.pts - this.info.start;
		fillPlane(picture, 0, foreground.data, this.info.width * 4);
		this.times.push((frame.time * 1000).toFixed(3));
		this.pending = this.encoder!.encode(picture, this.sink).finally(() => picture.free());
		this.pending.catch(() => {});
	}

	async finish(): Promise<Notice[]> {
		await this.pending;
		await this.encoder!.encode(null, this.sink);
		const times = ['# timestamp format v2', ...this.times, ''].join('\n');
		await this.add('timestamps.txt', Buffer.from(times));
		this.entries.end();
		await this.zip;
		this.close();
		await this.file.sync();
		return [];
	}

	publish(): Promise<Result> {
		return this.file.publish();
	}

	async abort(): Promise<void> {
		this.stop.abort();
		// The zip may be waiting for its next entry.
		this.entries.end();
		await this.zip.catch(() => {});
		await this.pending.catch(() => {});
		this.close();
		await this.file.remove();
	}

	private readonly sink = (packet: Packet): Promise<void> =>
		this.add(`${this.name}_${String(this.count++).padStart(6, '0')}.png`, Buffer.from(packet.data!));

	/** The zip's own error (a full disk) ends the wait for room in it. */
	private async add(name: string, input: Uint8Array): Promise<void> {
		await Promise.race([this.entries.send({ name, input }), this.zip]);
	}

	private close(): void {
		this.encoder?.close();
		this.encoder = undefined;
	}
}
