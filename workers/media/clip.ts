import { VideoSampleSink, type VideoSample } from 'mediabunny';
import { appError } from '../../server/protocol/errors.ts';
import { openContainer, type Container } from './container.ts';
import { convert, type Converted } from './convert.ts';
import { FrameReader } from './frame-reader.ts';
import type { ClipMeta } from './types.ts';

/** Memory for frames that are kept. */
const keptBytes = 160 * 2 ** 20;

/** An opened clip: its facts, its frames and small pictures of it. */
export class Clip {
	readonly meta: ClipMeta;
	readonly #container: Container;
	readonly #frames: FrameReader<VideoSample, ImageBitmap>;

	private constructor(container: Container, facts: Omit<ClipMeta, 'duration' | 'times'>) {
		const { timestamps, end } = container;
		const first = timestamps[0]!;
		this.#container = container;
		this.meta = { ...facts, duration: end - first, times: timestamps.map((time) => time - first) };
		const sink = new VideoSampleSink(container.track);
		this.#frames = new FrameReader({
			timestamps,
			decodeFrom: (timestamp) => sink.samples(timestamp),
			draw: (sample) => draw(sample),
			capacity: Math.max(24, Math.floor(keptBytes / (facts.width * facts.height * 4)))
		});
	}

	/** Opens a clip with what the browser decodes itself, or converts it first. See `MediaApi.open`. */
	static async open(file: Blob, name: string, onConvert: (fraction: number) => void): Promise<Clip> {
		const container = await openContainer(file);
		if (!container && !(await isAvi(file))) throw appError('clip-not-video', { name });
		if (container && (await container.track.canDecode())) {
			const clip = new Clip(container, {
				...(await facts(container)),
				decoder: 'webcodecs',
				codec: container.codec,
				audio: container.audio
			});
			// A browser may accept a codec and then fail on the variant at hand.
			if (await clip.#decodes()) return clip;
		}
		container?.close();
		return Clip.#openConverted(await convert(file, name, onConvert));
	}

	static async #openConverted({ file, width, height, codec, audio }: Converted): Promise<Clip> {
		const container = await openContainer(file);
		if (!container) throw appError('clip-codec', { codec });
		const { frameRate } = await facts(container);
		const clip = new Clip(container, { width, height, frameRate, decoder: 'ffmpeg', codec, audio });
		if (!(await clip.#decodes())) throw appError('clip-codec', { codec });
		return clip;
	}

	/** See `MediaApi.frame`. */
	async frame(index: number): Promise<ImageBitmap> {
		let cause: unknown;
		const picture = await this.#frames
			.read(index, (kept) => createImageBitmap(kept))
			.catch((error: unknown) => void (cause = error));
		if (!picture) throw appError('clip-damaged', { frame: this.#frames.readable }, { cause });
		return picture;
	}

	/** Small pictures, `height` high, of `count` moments spread evenly; frames that are asked for meanwhile go first. */
	async *thumbnails(count: number, height: number): AsyncGenerator<ImageBitmap, void, unknown> {
		const { timestamps } = this.#container;
		const moments = Array.from(
			{ length: count },
			(_, i) => timestamps[Math.floor(((i + 0.5) * timestamps.length) / count)]!
		);
		const samples = new VideoSampleSink(this.#container.track).samplesAtTimestamps(moments);
		for await (const sample of samples) {
			if (!sample) return;
			const width = Math.max(1, Math.round((height * sample.displayWidth) / sample.displayHeight));
			const picture = draw(sample, width, height);
			sample.close();
			yield picture;
			while (!this.#frames.idle) await this.#frames.settled();
		}
	}

	async #decodes(): Promise<boolean> {
		return this.frame(0).then(
			(picture) => {
				picture.close();
				return true;
			},
			() => false
		);
	}
}

async function facts({
	track,
	timestamps,
	end
}: Container): Promise<Pick<ClipMeta, 'width' | 'height' | 'frameRate'>> {
	const frameRate =
		timestamps.length > 1
			? (await track.computeFrameRateMetrics()).bestGuessFrameRate
			: 1 / Math.max(end - timestamps[0]!, 0.001);
	return { width: await track.getDisplayWidth(), height: await track.getDisplayHeight(), frameRate };
}

/** Draws a decoded frame upright and with square pixels. */
function draw(sample: VideoSample, width = sample.displayWidth, height = sample.displayHeight): ImageBitmap {
	const canvas = new OffscreenCanvas(width, height);
	// In main memory: the pictures are read by the segmenter, and a weak graphics processor is left to the page.
	const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })!;
	sample.draw(context, 0, 0, width, height);
	return canvas.transferToImageBitmap();
}

async function isAvi(file: Blob): Promise<boolean> {
	const head = new TextDecoder('latin1').decode(await file.slice(0, 12).arrayBuffer());
	return head.startsWith('RIFF') && head.endsWith('AVI ');
}
