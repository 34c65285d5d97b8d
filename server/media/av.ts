import * as av from 'node-av/lib';
import { AV_LOG_FATAL, AV_NOPTS_VALUE, AVERROR_EOF, type AVPixelFormat } from 'node-av/constants';

// What goes wrong is told by return codes, which are all checked; FFmpeg's own words on stderr would only repeat it.
av.Log.setLevel(AV_LOG_FATAL);

/** Threads for one decoder or encoder: enough for 1080p, few enough that frames in flight stay few on a large machine. */
export const codecThreads = 4;

/** Throws FFmpeg's error when a return code is one; else gives the code. */
export function check(code: number, operation: string): number {
	av.FFmpegError.throwIfError(code, operation);
	return code;
}

const again = av.FFmpegError.AVERROR(av.PosixError.EAGAIN);

/** Whether a codec wants input (or has output waiting) before it can go on. */
export function isAgain(code: number): boolean {
	return code === again;
}

export function isEnd(code: number): boolean {
	return code === AVERROR_EOF;
}

/** A timestamp, or undefined where FFmpeg has none. */
export function timestamp(value: bigint): bigint | undefined {
	return value === AV_NOPTS_VALUE ? undefined : value;
}

/** A fraction as FFmpeg's objects take it. */
export function rational({ num, den }: { readonly num: number; readonly den: number }): av.Rational {
	return new av.Rational(num, den);
}

/** An empty frame, to be filled by a decoder. */
export function emptyFrame(): av.Frame {
	const frame = new av.Frame();
	frame.alloc();
	return frame;
}

/** A picture with its own memory, of undefined content. */
export function newPicture(format: AVPixelFormat, width: number, height: number): av.Frame {
	const frame = emptyFrame();
	frame.format = format;
	frame.width = width;
	frame.height = height;
	check(frame.getBuffer(), 'allocate a picture');
	return frame;
}

export function newPacket(): av.Packet {
	const packet = new av.Packet();
	packet.alloc();
	return packet;
}

/** A scaler that takes size, format, matrix and range from the frames that it is given, and rounds without bias. */
export function newScaler(): av.SoftwareScaleContext {
	const scaler = new av.SoftwareScaleContext();
	scaler.allocContext();
	check(scaler.setOption('sws_flags', 'bilinear+accurate_rnd+full_chroma_int'), 'set up the scaler');
	return scaler;
}

/** Copies packed rows into one plane of a picture. */
export function fillPlane(
	picture: av.Frame,
	plane: number,
	rows: Uint8Array | Uint8ClampedArray,
	rowBytes: number
): void {
	const target = picture.data![plane]!;
	const stride = picture.linesize[plane]!;
	if (stride === rowBytes) target.set(rows);
	else
		for (let from = 0, to = 0; from < rows.length; from += rowBytes, to += stride)
			target.set(rows.subarray(from, from + rowBytes), to);
}
