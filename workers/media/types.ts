/** What is known of an opened clip. */
export interface ClipMeta {
	/** Of the upright picture, in square pixels. Frames of a converted clip are smaller: `frame()` says their own size. */
	readonly width: number;
	readonly height: number;
	/** Seconds from the first frame's start to the end of the last. */
	readonly duration: number;
	/** Seconds after the first frame, of every frame in presentation order. */
	readonly times: Float64Array;
	/** Frames a second, for display; `times` is the truth. */
	readonly frameRate: number;
	/** What decodes it: the browser itself, or ffmpeg (WebAssembly), which first converts it into a smaller clip. */
	readonly decoder: 'webcodecs' | 'ffmpeg';
	/** Short name of the source's codec, for example `avc`, `hevc`, `prores`. */
	readonly codec: string;
	readonly audio: boolean;
}

/** What the media worker does; one worker holds one clip. */
export interface MediaApi {
	/**
	 * Opens a clip; `name` is for messages, `onConvert` hears how much ffmpeg has converted (0 to 1) where that is needed.
	 * @throws CodedError `clip-not-video`, `clip-no-video`, `clip-no-frames`, `clip-damaged`, `clip-codec`
	 */
	open(file: Blob, name: string, onConvert: (fraction: number) => void): Promise<ClipMeta>;
	/**
	 * The exact frame, upright. The bitmap is the caller's to close.
	 * @throws CodedError `clip-damaged` with the number of frames that can be read
	 */
	frame(index: number): Promise<ImageBitmap>;
	/** Small pictures spread evenly over the clip, each `height` pixels high, told one by one as they are drawn. */
	thumbnails(
		count: number,
		height: number,
		onThumbnail: (index: number, picture: ImageBitmap) => void
	): Promise<void>;
}
