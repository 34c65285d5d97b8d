import type { Size } from '$models/frame.ts';
import { workingSize } from '$models/matanyone/canvas.ts';
import { defaultMatAnyoneOptions } from '$models/matanyone/options.ts';
import { engineInfo } from '$models/registry.ts';
import { defaultVideoMaMaOptions } from '$models/videomama/options.ts';
import { wholeView } from '$models/videomama/view.ts';
import type { Job } from '$protocol/schema.ts';

/** The size that the network of a finished job worked at; undefined for an engine without one. */
export function workedSize({
	engine,
	options,
	record
}: Pick<Job, 'engine' | 'options' | 'record'>): Size | undefined {
	if (!record || !engineInfo(engine).model) return undefined;
	const { width, height, workWidth, workHeight } = record;
	if (workWidth && workHeight) return { width: Number(workWidth), height: Number(workHeight) };
	const picture = { width: Number(width), height: Number(height) };
	if (engine === 'videomama') {
		const { maxSize } = options.videomama ?? defaultVideoMaMaOptions;
		return wholeView(picture, maxSize).canvas;
	}
	const { maxSize } = options.matanyone ?? defaultMatAnyoneOptions;
	return workingSize(picture, maxSize);
}

/** Whether memory was too short for the size that was asked for; there may be more when it is asked for again. */
export function workedSmaller({ notices }: Pick<Job, 'notices'>): boolean {
	return notices.some(({ code }) => code === 'worked-smaller');
}
