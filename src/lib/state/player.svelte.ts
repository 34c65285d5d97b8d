import { LatestQueue } from '$workers/latest.ts';
import { MediaClient } from '$workers/media/client.ts';
import { nearest } from '$workers/media/nearest.ts';
import type { ClipMeta } from '$workers/media/types.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import { shownError } from './shown-error.ts';

/** A decoded frame as it is shown. */
export interface Shown {
	readonly index: number;
	readonly bitmap: ImageBitmap;
}

/** What a player needs of `MediaClient`. */
export type Media = Pick<MediaClient, 'open' | 'frame' | 'thumbnails' | 'close'>;

/** Frames that playing asks for ahead of the one that is shown. */
const ahead = 3;
/** A frame that is later than this many milliseconds delays those after it, instead of their being dropped. */
const patience = 80;

/** Shows one clip: where the user is in it, the frame there, and playing. */
export class Player {
	state = $state<'empty' | 'opening' | 'ready' | 'failed'>('empty');
	info = $state.raw<ClipMeta>();
	/** How much has been converted, 0 to 1, while a clip that the browser cannot decode is being opened. */
	converting = $state<number>();
	/** The frame that the user is at; `shown` follows as soon as it is decoded. */
	index = $state(0);
	shown = $state.raw<Shown>();
	playing = $state(false);
	/** Why the frame at `index` cannot be shown. */
	error = $state.raw<ErrorBody>();

	readonly frames = $derived(this.info?.times.length ?? 0);
	/** Seconds after the first frame. */
	readonly time = $derived(this.info?.times[this.index] ?? 0);

	readonly #start: () => Media;
	readonly #seeks = new LatestQueue<number, void>((index) => this.#show(index));
	#media?: Media;
	#followers: readonly Player[] = [];

	constructor(start: () => Media = () => new MediaClient()) {
		this.#start = start;
	}

	/**
	 * Opens a clip in place of the one that is open, and shows its first frame.
	 * @throws CodedError as `MediaApi.open`; an AbortError when it is closed or another clip is opened meanwhile
	 */
	async open(file: Blob, name = ''): Promise<void> {
		this.close();
		const media = (this.#media = this.#start());
		this.state = 'opening';
		try {
			const info = await media.open(file, name, (fraction) => {
				if (this.#media === media) this.converting = fraction;
			});
			if (this.#media !== media) throw new DOMException('another clip was opened', 'AbortError');
			this.info = info;
			this.state = 'ready';
		} catch (error) {
			media.close();
			if (this.#media === media) {
				this.#media = undefined;
				this.state = 'failed';
			}
			throw error;
		} finally {
			this.converting = undefined;
		}
		await this.goto(0);
	}

	close(): void {
		this.pause();
		this.#seeks.clear();
		this.#media?.close();
		this.#media = undefined;
		this.shown?.bitmap.close();
		this.shown = undefined;
		this.info = undefined;
		this.error = undefined;
		this.index = 0;
		this.state = 'empty';
	}

	/** Makes players of clips with the same frames show the frame that this one shows, at the same moment. */
	follow(followers: readonly Player[]): void {
		this.#followers = followers;
		if (this.info) void this.#seeks.push(this.index);
	}

	/** A frame of its own to keep or to give away. */
	frame(index: number): Promise<ImageBitmap> {
		if (!this.#media) return Promise.reject(new DOMException('no clip is open', 'AbortError'));
		return this.#media.frame(index);
	}

	/** See `MediaApi.thumbnails`. */
	async thumbnails(
		count: number,
		height: number,
		onThumbnail: (index: number, picture: ImageBitmap) => void
	): Promise<void> {
		await this.#media?.thumbnails(count, height, onThumbnail);
	}

	/** Goes to the frame nearest to a time in seconds after the first frame. */
	seek(time: number): Promise<void> {
		return this.goto(this.info ? nearest(this.info.times, time) : 0);
	}

	/** Goes to a frame, or to the first or last where there is none; resolves when it, or a later wish, is shown. */
	async goto(index: number): Promise<void> {
		if (!this.info) return;
		this.pause();
		this.index = Math.min(this.frames - 1, Math.max(0, Math.round(index)));
		await this.#seeks.push(this.index);
	}

	step(count: number): Promise<void> {
		return this.goto(this.index + count);
	}

	/** Plays from here to the end, or from the start when at the end. Every frame is shown, if need be slower than it was taken. */
	play(): void {
		if (!this.info || this.playing || this.frames < 2) return;
		if (this.index === this.frames - 1) this.index = 0;
		this.playing = true;
		void this.#play(this.info.times);
	}

	pause(): void {
		this.playing = false;
	}

	toggle(): void {
		if (this.playing) this.pause();
		else this.play();
	}

	async #play(times: Float64Array): Promise<void> {
		const coming: Promise<ImageBitmap[]>[] = [];
		let next = this.index;
		let start = performance.now() - times[next]! * 1000;
		const running = () => this.playing && this.info?.times === times;
		try {
			for (let index = next; running() && index < times.length; index++) {
				while (coming.length < ahead && next < times.length) coming.push(this.#fetch(next++));
				const bitmaps = await coming[0]!;
				const wait = start + times[index]! * 1000 - performance.now();
				if (wait < -patience) start -= wait;
				else await new Promise((resolve) => setTimeout(resolve, wait));
				if (!running()) break;
				void coming.shift();
				this.index = index;
				this.#present(index, bitmaps);
			}
		} catch (error) {
			this.error = shownError(error);
		} finally {
			if (this.info?.times === times) this.playing = false;
			for (const bitmaps of coming) void bitmaps.then(closeAll, () => {});
		}
	}

	async #show(index: number): Promise<void> {
		try {
			this.#present(index, await this.#fetch(index));
		} catch (error) {
			this.error = shownError(error);
		}
	}

	/** The frame of this clip, then those of the followers. */
	#fetch(index: number): Promise<ImageBitmap[]> {
		return Promise.all([this.frame(index), ...this.#followers.map((follower) => follower.frame(index))]);
	}

	#present(index: number, bitmaps: readonly ImageBitmap[]): void {
		const [own, ...others] = bitmaps;
		if (!this.info || others.length !== this.#followers.length) return closeAll(bitmaps);
		this.error = undefined;
		this.#replace({ index, bitmap: own! });
		for (const [i, bitmap] of others.entries()) {
			const follower = this.#followers[i]!;
			follower.index = index;
			follower.#replace({ index, bitmap });
		}
	}

	#replace(shown: Shown): void {
		this.shown?.bitmap.close();
		this.shown = shown;
	}
}

function closeAll(bitmaps: readonly ImageBitmap[]): void {
	for (const bitmap of bitmaps) bitmap.close();
}
