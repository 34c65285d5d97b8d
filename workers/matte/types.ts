import type { TimedFrame } from '../../models/clip.ts';
import type { Alpha, Frame } from '../../models/frame.ts';
import type { JobRequest, Notice, OutputKind, Progress, Result } from '../../server/protocol/schema.ts';

/** What a browser can write; it has no encoder for the others. */
export type BrowserOutput = Extract<OutputKind, 'alpha' | 'foreground' | 'preview' | 'png'>;
export const browserOutputs: readonly OutputKind[] = [
	'alpha',
	'foreground',
	'preview',
	'png'
] satisfies BrowserOutput[];

export function isBrowserOutput(kind: OutputKind): kind is BrowserOutput {
	return browserOutputs.includes(kind);
}

/** A result with its bytes. */
export type MadeResult = Result & { readonly blob: Blob };

/** What a job that ended well leaves behind. */
export interface MatteOutcome {
	readonly results: MadeResult[];
	readonly notices: Notice[];
	/** As the server's and, where a network ran on less than a graphics card, the reason. */
	readonly record: Record<string, string | number | boolean>;
}

/** What the matte worker does. It runs one job and is then ended. */
export interface MatteApi {
	/**
	 * Mattes a clip on an engine of browsers, for which weights are fetched first where it needs them.
	 * @throws CodedError `clip-needs-server`, `encoder-missing`, `encoder-failed`, and what the reading of the clip and the engine throw
	 */
	run(file: Blob, request: JobRequest, onProgress: (progress: Progress) => void): Promise<MatteOutcome>;
}

/** A decoded frame with the seconds until the next one. */
export interface ClipFrame extends TimedFrame {
	readonly duration: number;
}

/** One file in the making. Frames come in order, one call after the other. */
export interface Output {
	/**
	 * Takes a frame; resolves when there is room for the next one, and the pictures may be reused then.
	 * @param foreground straight RGBA, its fourth byte the alpha
	 */
	write(frame: ClipFrame, alpha: Alpha, foreground: Frame): Promise<void>;
	finish(): Promise<MadeFile>;
}

/** A finished file. */
export interface MadeFile {
	readonly blob: Blob;
	/** With its dot left out. */
	readonly extension: string;
	readonly notices: readonly Notice[];
}
