import type { SegmentationNotice } from '$lib/state/segmentation.svelte.ts';
import { wayProblems, type Way, type WayProblem } from '$lib/state/ways.ts';
import { providerProblems } from '$models/provider.ts';
import type { ErrorCode } from '$protocol/errors.ts';
import { formatBytes, formatNumber } from './format.ts';
import { m } from './paraglide/messages.js';
import { errorMessage, say } from './words.ts';

/** A way to answer prompts, by name. */
export function wayName(way: Way): string {
	return say('way', way);
}

/** Why a way is not used, in the user's language. */
export function wayReasonMessage({ code, params }: WayProblem): string {
	const isOf = (codes: readonly string[]) => codes.includes(code);
	if (isOf(wayProblems)) return say('way_problem', code, readable(params));
	if (isOf(providerProblems)) return say('provider', code, params);
	return errorMessage({ code: code as ErrorCode, params: { ...params } });
}

/** What happened while a question was answered, in the user's language. */
export function segmentationMessage(notice: SegmentationNotice): string {
	if (notice.code === 'gpu-again') return m.segmentation_gpu_again();
	if (notice.code === 'smaller') return m.segmentation_smaller({ size: notice.size });
	const { failed, way } = notice;
	return m.segmentation_next_way({
		...{ failed: wayName(failed.way), way: wayName(way) },
		reason: wayReasonMessage(failed)
	});
}

/** Numbers as they are read: seconds, or bytes. */
function readable(params: WayProblem['params']): Record<string, string> {
	const read = (name: string, value: string | number) => {
		if (typeof value === 'string') return value;
		return name === 'seconds' ? formatNumber(value) : formatBytes(value);
	};
	return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, read(name, value)]));
}
