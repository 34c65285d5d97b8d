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

/** A frame that starts this long before 0, in seconds, lies before what an edit list shows; less is rounding. */
const rounding = 0.001;

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
		if ((await input.getTracks()).length === 0) throw appError('clip-damaged', { frame: 0 });
		const track = await input.getPrimaryVideoTrack();
		if (!track) throw appError('clip-no-video');
		const codec = (await track.getCodec()) ?? (await track.getInternalCodecId());
		return {
			track,
			...(await readTimes(track)),
			codec: typeof codec === 'string' ? codec : 'unknown',
			audio: (await input.getPrimaryAudioTrack()) !== null,
			close: () => input.dispose()
		};
	} catch (error) {
		input.dispose();
		if (error instanceof CodedError) throw error;
		throw appError('clip-damaged', { frame: 0 }, { cause: error });
	}
}

async function readTimes(track: InputVideoTrack): Promise<Pick<Container, 'timestamps' | 'end'>> {
	const sink = new EncodedPacketSink(track);
	const times: number[] = [];
	let end = 0;
	let last = 0;
	for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
		last = packet.timestamp;
		if (packet.timestamp < -rounding) continue;
		times.push(packet.timestamp);
		end = Math.max(end, packet.timestamp + packet.duration);
	}
	if (times.length === 0) throw appError('clip-no-frames');
	// An index may promise frames that a file cut short no longer holds.
	if (!(await sink.getPacket(last))) throw appError('clip-damaged', { frame: await countReadable(sink) });
	return { timestamps: Float64Array.from(times).sort(), end };
}

async function countReadable(sink: EncodedPacketSink): Promise<number> {
	let count = 0;
	for await (const _packet of sink.packets()) count++;
	return count;
}
