import {
	BlobSource,
	EncodedPacketSink,
	Input,
	MATROSKA,
	MP4,
	QTFF,
	WEBM,
	type InputVideoTrack
} from 'mediabunny';
import { CodedError } from '../../models/errors.ts';
import { appError } from '../../server/protocol/errors.ts';

/** A clip whose container mediabunny can read; whether its pictures can be decoded is not known yet. */
export interface Container {
	readonly track: InputVideoTrack;
	/** Timestamps of the frames in seconds, in presentation order; the first need not be 0. */
	readonly timestamps: Float64Array;
	/** Timestamp at which the last frame ends. */
	readonly end: number;
	readonly codec: string;
	readonly audio: boolean;
	close(): void;
}

/**
 * Reads a clip's structure: its picture track and the timestamps of all frames. Undefined where the container is unknown.
 * @throws CodedError `clip-no-video`, `clip-no-frames`, `clip-damaged`
 */
export async function openContainer(file: Blob): Promise<Container | undefined> {
	const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, MATROSKA, WEBM] });
	try {
		if (!(await input.canRead())) {
			input.dispose();
			return undefined;
		}
		const track = await input.getPrimaryVideoTrack();
		if (!track) throw appError('clip-no-video');
		const { timestamps, end } = await frameTimes(track);
		if (timestamps.length === 0) throw appError('clip-no-frames');
		const audio = (await input.getPrimaryAudioTrack()) !== null;
		const codec = (await track.getCodec()) ?? (await track.getInternalCodecId());
		return {
			track,
			timestamps,
			end,
			codec: typeof codec === 'string' ? codec : 'unknown',
			audio,
			close: () => input.dispose()
		};
	} catch (error) {
		input.dispose();
		throw error instanceof CodedError ? error : appError('clip-damaged', { frame: 0 }, { cause: error });
	}
}

async function frameTimes(track: InputVideoTrack): Promise<{ timestamps: Float64Array; end: number }> {
	const times: number[] = [];
	let end = 0;
	const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
	for await (const { timestamp, duration } of packets) {
		// What an edit list cuts away lies before 0 and is never shown.
		if (timestamp < 0 && timestamp + duration <= 0) continue;
		times.push(timestamp);
		end = Math.max(end, timestamp + duration);
	}
	return { timestamps: Float64Array.from(times).sort(), end };
}
