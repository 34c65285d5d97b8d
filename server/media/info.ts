import type {
	AVColorPrimaries,
	AVColorRange,
	AVColorSpace,
	AVColorTransferCharacteristic
} from 'node-av/constants';
import type { TimedFrame as ClipFrame } from '../../models/clip.ts';
import type { Size } from '../../models/frame.ts';
import type { Orientation } from './orientation.ts';

/** A fraction, as FFmpeg gives it. */
export interface Ratio {
	readonly num: number;
	readonly den: number;
}

/** How the numbers of a picture stand for light; `matrix` is never unspecified. */
export interface Color {
	readonly matrix: AVColorSpace;
	readonly range: AVColorRange;
	readonly primaries: AVColorPrimaries;
	readonly transfer: AVColorTransferCharacteristic;
}

/** What is known of a clip before its frames are decoded. Timestamps (bigint) count in `timeBase`. */
export interface MediaInfo extends Size {
	/** The container's name for people: mp4, mov, avi, matroska or webm. */
	readonly container: string;
	/** FFmpeg's name of the video's codec. */
	readonly codec: string;
	/** Seconds from the first frame's timestamp to the end of the last. */
	readonly duration: number;
	/** Coded pictures; a few codecs decode to fewer frames. */
	readonly frames: number;
	/** Mean frames a second, for display. */
	readonly frameRate: number;
	readonly variableFrameRate: boolean;
	/** The first audio stream; undefined for a silent clip. */
	readonly audio:
		{ readonly codec: string; readonly channels: number; readonly sampleRate: number } | undefined;
	readonly timeBase: Ratio;
	/** Timestamps of the first and the last frame. */
	readonly start: bigint;
	readonly last: bigint;
	/** Width over height of a pixel of the upright picture. */
	readonly pixelAspect: Ratio;
	readonly orientation: Orientation;
	readonly color: Color;
	/** Memory of one decoded picture. */
	readonly pictureBytes: number;
}

/** What outputs take from the clip that they are made of. */
export interface ClipSource {
	readonly path: string;
	readonly info: MediaInfo;
}

/** A decoded frame and when it is shown. `pts` and `duration` count in the clip's time base. */
export interface TimedFrame extends ClipFrame {
	readonly pts: bigint;
	readonly duration: bigint;
}

/** Seconds that a number of ticks lasts. */
export function toSeconds(ticks: bigint, timeBase: Ratio): number {
	return (Number(ticks) * timeBase.num) / timeBase.den;
}

/** The tick nearest to a time in seconds. */
export function toTicks(seconds: number, timeBase: Ratio): bigint {
	return BigInt(Math.round((seconds * timeBase.den) / timeBase.num));
}
