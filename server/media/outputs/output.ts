import type { Alpha, Frame } from '../../../models/frame.ts';
import type { Notice, Result } from '../../protocol/schema.ts';
import type { TimedFrame } from '../info.ts';

/** One file in the making. Calls are made one after the other. */
export interface Output {
	/** Begins the file. */
	open(): Promise<void>;
	/** Takes a frame; when it returns, the pictures may be reused, and the file is at most one frame behind. */
	write(frame: TimedFrame, alpha: Alpha, foreground: Frame): Promise<void>;
	/** Writes what is left and makes sure that it is on the disk, still under its working name. */
	finish(): Promise<Notice[]>;
	/** Gives the finished file its name. */
	publish(): Promise<Result>;
	/** Stops and removes what was written. */
	abort(): Promise<void>;
}
