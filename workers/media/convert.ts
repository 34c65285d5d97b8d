import coreURL from '@ffmpeg/core?url';
import wasmURL from '@ffmpeg/core/wasm?url';
import { FFFSType, FFmpeg } from '@ffmpeg/ffmpeg';
import { appError } from '../../server/protocol/errors.ts';
import { parseProbe, type SourceFacts } from './probe.ts';

/** A clip that the browser can decode, made from one that it cannot. */
export interface Converted extends SourceFacts {
	readonly file: Blob;
}

/** The longer side of what is made: enough to look at and to prompt on, little to decode. */
const longerSide = 1280;

const scale = `min(1,${longerSide}/max(iw*sar,ih))`;
const picture = [
	'-map',
	'0:v:0',
	'-an',
	'-vf',
	`scale='2*trunc(iw*sar*${scale}/2)':'2*trunc(ih*${scale}/2)',setsar=1,format=yuv420p`,
	'-fps_mode',
	'passthrough'
];
// No B-frames and close key frames, so that every frame is found fast.
const h264 = [
	...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', '-bf', '0', '-g', '12'],
	...['-enc_time_base', '-1', '-video_track_timescale', '90000', '/out.mp4']
];
const vp8 = [
	...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '6M', '-g', '12'],
	...['-enc_time_base', '-1', '/out.webm']
];

/**
 * Converts a clip with ffmpeg (WebAssembly) in a worker of its own. The source is read in place, not copied into memory; every
 * frame keeps its timestamp, and rotation is applied.
 * @throws CodedError `clip-not-video`, `clip-no-video`, `clip-codec`
 */
export async function convert(
	source: Blob,
	name: string,
	onProgress: (fraction: number) => void
): Promise<Converted> {
	const ffmpeg = new FFmpeg();
	try {
		await ffmpeg.load({ coreURL: absolute(coreURL), wasmURL: absolute(wasmURL) });
		await ffmpeg.createDir('/in');
		await ffmpeg.mount(FFFSType.WORKERFS, { blobs: [{ name: 'clip', data: source }] }, '/in');
		const facts = await probe(ffmpeg, name);
		ffmpeg.on('progress', ({ progress }) => onProgress(Math.min(1, Math.max(0, progress))));
		const [encoder, type] = (await decodesH264()) ? [h264, 'video/mp4'] : [vp8, 'video/webm'];
		const failed = await ffmpeg.exec(['-i', '/in/clip', ...picture, ...encoder]);
		if (failed) throw appError('clip-codec', { codec: facts.codec });
		const bytes = (await ffmpeg.readFile(encoder.at(-1)!)) as Uint8Array<ArrayBuffer>;
		return { ...facts, file: new Blob([bytes], { type }) };
	} finally {
		ffmpeg.terminate();
	}
}

async function probe(ffmpeg: FFmpeg, name: string): Promise<SourceFacts> {
	// This build of ffprobe answers -1 even when it went well; what it wrote tells.
	await ffmpeg.ffprobe(['-v', 'error', '-show_streams', '-of', 'json', '/in/clip', '-o', '/probe.json']);
	return parseProbe(String(await ffmpeg.readFile('/probe.json', 'utf8')), name);
}

async function decodesH264(): Promise<boolean> {
	return (await VideoDecoder.isConfigSupported({ codec: 'avc1.42c01f' })).supported === true;
}

// ffmpeg's own worker resolves relative addresses against itself.
function absolute(url: string): string {
	return new URL(url, self.location.href).href;
}
