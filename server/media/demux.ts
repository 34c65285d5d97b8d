import { basename, resolve } from 'node:path';
import * as av from 'node-av/lib';
import {
	AV_DISPOSITION_ATTACHED_PIC,
	AV_DISPOSITION_DEFAULT,
	AV_DISPOSITION_STILL_IMAGE,
	AV_DISPOSITION_TIMED_THUMBNAILS,
	AVDISCARD_ALL,
	AVMEDIA_TYPE_AUDIO,
	AVMEDIA_TYPE_VIDEO
} from 'node-av/constants';
import { appError } from '../protocol/errors.ts';
import { check, isEnd } from './av.ts';
import { inspectContainer, type Container } from './container.ts';

const demuxers: Record<Container, string> = {
	mp4: 'mov,mp4,m4a,3gp,3g2,mj2',
	mov: 'mov,mp4,m4a,3gp,3g2,mj2',
	avi: 'avi',
	matroska: 'matroska,webm',
	webm: 'matroska,webm'
};

const pictureOnly = [
	AV_DISPOSITION_ATTACHED_PIC,
	AV_DISPOSITION_STILL_IMAGE,
	AV_DISPOSITION_TIMED_THUMBNAILS
];

/** A clip's container, opened for reading packets. */
export class Demuxer {
	private constructor(
		readonly path: string,
		readonly container: Container,
		private readonly format: av.FormatContext
	) {}

	/**
	 * Opens a file with the demuxer that its first bytes call for, and nothing but this file: no other protocol, no playlist, no
	 * reference to another file is followed.
	 * @throws CodedError `clip-not-video`, `clip-damaged`
	 */
	static async open(path: string): Promise<Demuxer> {
		const { container, whole } = await inspectContainer(path);
		if (!container) throw appError('clip-not-video', { name: basename(path) });
		if (!whole) throw appError('clip-damaged', { frame: 0 });
		const format = new av.FormatContext();
		format.allocContext();
		const options = av.Dictionary.fromObject({
			protocol_whitelist: 'file',
			format_whitelist: demuxers[container],
			...(demuxers[container].startsWith('mov') && { enable_drefs: '0', use_absolute_path: '0' })
		});
		try {
			const input = av.InputFormat.findInputFormat(demuxers[container]);
			check(await format.openInput(`file:${resolve(path)}`, input, options), 'open the clip');
			check(await format.findStreamInfo(null), 'read the streams');
		} catch (cause) {
			await format.closeInput();
			throw appError('clip-damaged', { frame: 0 }, { cause });
		} finally {
			options.free();
		}
		return new Demuxer(path, container, format);
	}

	/** Duration as the container states it in microseconds, if it does. */
	get duration(): bigint {
		return this.format.duration;
	}

	/** The video stream: the first that is marked as the default, or else the first; cover art and thumbnails are none. */
	get video(): av.Stream | undefined {
		return this.pick(AVMEDIA_TYPE_VIDEO);
	}

	/** The audio stream, chosen in the same way. */
	get audio(): av.Stream | undefined {
		return this.pick(AVMEDIA_TYPE_AUDIO);
	}

	/** Skips the packets of all other streams. */
	only(...streams: (av.Stream | undefined)[]): void {
		const kept = new Set(streams.map((stream) => stream?.index));
		for (const stream of this.format.streams) if (!kept.has(stream.index)) stream.discard = AVDISCARD_ALL;
	}

	/**
	 * Reads the next packet; false at the end.
	 * @throws FFmpegError when the file cannot be read on
	 */
	async read(packet: av.Packet): Promise<boolean> {
		packet.unref();
		const code = await this.format.readFrame(packet);
		if (isEnd(code)) return false;
		check(code, 'read a packet');
		return true;
	}

	/** Goes to a key frame, at or before the timestamp if the container knows one; false where it cannot seek. */
	async seek(stream: av.Stream, pts: bigint, flags: Parameters<av.FormatContext['seekFrame']>[2]) {
		return (await this.format.seekFrame(stream.index, pts, flags)) >= 0;
	}

	async close(): Promise<void> {
		await this.format.closeInput();
	}

	private pick(type: av.CodecParameters['codecType']): av.Stream | undefined {
		const streams = this.format.streams.filter(
			(stream) =>
				stream.codecpar.codecType === type && !pictureOnly.some((flag) => stream.hasDisposition(flag))
		);
		return streams.find((stream) => stream.hasDisposition(AV_DISPOSITION_DEFAULT)) ?? streams[0];
	}
}
