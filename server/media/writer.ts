import { constants } from 'node:os';
import { FFmpegError } from 'node-av/lib';
import { isDiskFull } from '../../models/errors.ts';
import { sameSize, type Alpha, type Frame } from '../../models/frame.ts';
import { appError } from '../protocol/errors.ts';
import type { Notice, OutputKind, Result } from '../protocol/schema.ts';
import type { ClipSource, TimedFrame } from './info.ts';
import type { Output } from './outputs/output.ts';
import { PngOutput } from './outputs/png.ts';
import { VideoOutput } from './outputs/video.ts';

export interface WriterOptions {
	readonly kinds: readonly OutputKind[];
	/** Where the files go; it exists. */
	readonly directory: string;
	/** The files are named `NAME_<kind>.<extension>`. It is a plain file name. */
	readonly name: string;
	/** The clip whose frames are written; times, colours, shape of pixels and audio come from it. */
	readonly source: ClipSource;
}

/**
 * Begins the outputs of a job.
 * @throws CodedError `disk-full`
 */
export async function createWriter(options: WriterOptions): Promise<MatteWriter> {
	const { directory, name, source } = options;
	const outputs = [...new Set(options.kinds)].map((kind) =>
		kind === 'png' ? new PngOutput(directory, name, source) : new VideoOutput(kind, directory, name, source)
	);
	const writer = new MatteWriter(outputs, source);
	await writer.open();
	return writer;
}

/** Writes frames with their alphas to every output that was asked for. When a call fails, all that was written is removed. */
export class MatteWriter {
	constructor(
		private readonly outputs: readonly Output[],
		private readonly source: ClipSource
	) {}

	async open(): Promise<void> {
		await this.all((output) => output.open());
	}

	/**
	 * Writes one frame; frames come in presentation order, none left out. Resolves when there is room for the next one, and the
	 * pictures may be reused then.
	 * @param foreground straight RGBA of the frame's size, its fourth byte the alpha
	 * @throws CodedError `disk-full`
	 */
	async write(frame: TimedFrame, alpha: Alpha, foreground: Frame): Promise<void> {
		const { info } = this.source;
		if (!sameSize(alpha, info) || !sameSize(foreground, info))
			throw new RangeError('the alpha and the foreground are not of the size of the clip');
		await this.all((output) => output.write(frame, alpha, foreground));
	}

	/** Ends the files and gives them their names, all of them or none. */
	async finish(): Promise<{ results: Result[]; notices: Notice[] }> {
		const notices = (await this.all((output) => output.finish())).flat();
		const results = await this.all((output) => output.publish());
		if (this.source.info.variableFrameRate) notices.push({ code: 'variable-frame-rate', params: {} });
		return { results, notices };
	}

	/** Stops, and removes what was written. */
	async abort(): Promise<void> {
		await Promise.all(this.outputs.map((output) => output.abort()));
	}

	/** Every output does its step; all are done with it, well or not, before an error is told. */
	private async all<T>(step: (output: Output) => Promise<T>): Promise<T[]> {
		const settled = await Promise.allSettled(this.outputs.map(step));
		const failed = settled.find((result) => result.status === 'rejected');
		if (failed) {
			await this.abort();
			throw isOutOfRoom(failed.reason) ? appError('disk-full', {}, { cause: failed.reason }) : failed.reason;
		}
		return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
	}
}

const { ENOSPC, EDQUOT } = constants.errno;

function isOutOfRoom(error: unknown): boolean {
	if (error instanceof FFmpegError) return error.code === -ENOSPC || error.code === -EDQUOT;
	return isDiskFull(error);
}
