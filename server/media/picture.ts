import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import * as av from 'node-av/lib';
import { AV_PIX_FMT_GRAY8, AVCOL_RANGE_JPEG } from 'node-av/constants';
import type { Plane } from '../../models/frame.ts';
import { appError } from '../protocol/errors.ts';
import { check, emptyFrame, isAgain, newPacket, newPicture, newScaler } from './av.ts';

/** FFmpeg's demuxer for a single picture, by the file's first bytes. */
const kinds: readonly (readonly [demuxer: string, magic: RegExp])[] = [
	['png_pipe', /^\x89PNG\r\n/],
	['jpeg_pipe', /^\xff\xd8\xff/],
	['webp_pipe', /^RIFF....WEBP/s],
	['bmp_pipe', /^BM/],
	['tiff_pipe', /^(II\*\0|MM\0\*)/]
];

/**
 * Reads a picture file as a mask: its brightness, 0 to 255.
 * @throws CodedError `mask-unreadable` when the file is no picture or is damaged
 */
export async function readMaskFile(path: string): Promise<Plane> {
	try {
		const frame = await decodePicture(path);
		try {
			return brightness(frame);
		} finally {
			frame.free();
		}
	} catch (cause) {
		throw appError('mask-unreadable', { name: basename(path) }, { cause });
	}
}

async function decodePicture(path: string): Promise<av.Frame> {
	const format = new av.FormatContext();
	format.allocContext();
	const options = av.Dictionary.fromObject({ protocol_whitelist: 'file' });
	const context = new av.CodecContext();
	const packet = newPacket();
	const frame = emptyFrame();
	try {
		const input = av.InputFormat.findInputFormat(await demuxerOf(path));
		check(await format.openInput(`file:${resolve(path)}`, input, options), 'open the picture');
		check(await format.findStreamInfo(null), 'read the picture');
		const { codecpar } = format.streams[0]!;
		const codec = av.Codec.findDecoder(codecpar.codecId);
		context.allocContext3(codec);
		check(context.parametersToContext(codecpar), 'set up the decoder');
		check(await context.open2(codec, null), 'open the decoder');
		check(await format.readFrame(packet), 'read the picture');
		check(await context.sendPacket(packet), 'decode the picture');
		let code = await context.receiveFrame(frame);
		if (isAgain(code)) {
			check(await context.sendPacket(null), 'decode the picture');
			code = await context.receiveFrame(frame);
		}
		check(code, 'decode the picture');
		return frame;
	} catch (error) {
		frame.free();
		throw error;
	} finally {
		packet.free();
		context.freeContext();
		options.free();
		await format.closeInput();
	}
}

async function demuxerOf(path: string): Promise<string> {
	const file = await open(path);
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
		const start = buffer.toString('latin1', 0, bytesRead);
		const kind = kinds.find(([, magic]) => magic.test(start));
		if (!kind) throw new Error('no picture');
		return kind[0];
	} finally {
		await file.close();
	}
}

function brightness(frame: av.Frame): Plane {
	const { width, height } = frame;
	const scaler = newScaler();
	const gray = newPicture(AV_PIX_FMT_GRAY8, width, height);
	try {
		gray.colorRange = AVCOL_RANGE_JPEG;
		check(scaler.scaleFrameSync(gray, frame), 'convert the picture');
		const data = new Uint8Array(width * height);
		const plane = gray.data![0]!;
		for (let y = 0; y < height; y++) {
			data.set(plane.subarray(y * gray.linesize[0]!, y * gray.linesize[0]! + width), y * width);
		}
		return { width, height, data };
	} finally {
		gray.free();
		scaler.freeContext();
	}
}
