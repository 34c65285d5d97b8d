import type { Size } from '$models/frame.ts';
import { providers } from '$models/provider.ts';
import { attentionOn } from '$models/videomama/attention.ts';
import { onCard, videoMaMaMemory, type VideoMaMaSetup } from '$models/videomama/estimate.ts';
import { defaultVideoMaMaOptions, type VideoMaMaOptions } from '$models/videomama/options.ts';
import {
	presetThatFits,
	smallerPreset,
	videoMaMaPresets,
	type VideoMaMaPreset
} from '$models/videomama/presets.ts';
import type { EngineStatus, Job } from '$protocol/schema.ts';

/** Whether VideoMaMa's networks find room on the server. Memory in bytes, of the card or, on the CPU, of the machine. */
export interface VideoMaMaFit {
	/** What the options take, about. */
	readonly need: number;
	/** What the server gives the engine; undefined while that is not known. */
	readonly room?: number;
	/** The options take more than there is. */
	readonly short: boolean;
	/** The largest preset that finds room; undefined where none does, or the room is not known. */
	readonly preset?: VideoMaMaPreset;
}

/** What a server says of the memory that an engine has. */
type Memory = Pick<EngineStatus, 'provider' | 'precision' | 'memory'>;

/** @param picture the clip's */
export function videoMaMaFit(
	picture: Size,
	options: VideoMaMaOptions,
	{ provider, precision, memory }: Memory
): VideoMaMaFit {
	const setup = setupOn(provider, precision);
	const need = videoMaMaMemory(picture, options, setup);
	return {
		need,
		room: memory,
		short: memory !== undefined && need > memory,
		preset: memory === undefined ? undefined : presetThatFits(memory, picture, setup)
	};
}

/**
 * What to try where a job of VideoMaMa failed for lack of memory: the preset that the engine named, else the largest that takes less than the
 * job's options and finds room.
 * @param picture the clip's
 */
export function presetToTry(
	{ engine, options, error }: Pick<Job, 'engine' | 'options' | 'error'>,
	picture: Size,
	{ provider, precision, memory }: Memory
): VideoMaMaPreset | undefined {
	const short = error?.code === 'out-of-memory' || error?.code === 'memory-short';
	if (engine !== 'videomama' || !short) return undefined;
	const named = videoMaMaPresets.find(({ gigabytes }) => gigabytes === error.params.preset);
	const failed = options.videomama ?? defaultVideoMaMaOptions;
	return named ?? smallerPreset(failed, picture, setupOn(provider, precision), memory);
}

/** Until the server has weights, it does not say what it computes in: then as on a graphics card. */
function setupOn(provider: string, precision: EngineStatus['precision']): VideoMaMaSetup {
	const known = providers.find((id) => id === provider);
	return known && precision ? { precision, attention: attentionOn(known) } : onCard;
}
