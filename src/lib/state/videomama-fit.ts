import type { Size } from '$models/frame.ts';
import { providers } from '$models/provider.ts';
import { attentionOn } from '$models/videomama/attention.ts';
import { onCard, videoMaMaMemory, type VideoMaMaSetup } from '$models/videomama/estimate.ts';
import type { VideoMaMaOptions } from '$models/videomama/options.ts';
import { presetThatFits, smallerPreset, type VideoMaMaPreset } from '$models/videomama/presets.ts';
import type { EngineStatus } from '$protocol/schema.ts';

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
	/** The largest preset that takes less than the options do and finds room, for when those turned out to take too much. */
	readonly smaller?: VideoMaMaPreset;
}

/** @param picture the clip's */
export function videoMaMaFit(
	picture: Size,
	options: VideoMaMaOptions,
	{ provider, precision, memory }: Pick<EngineStatus, 'provider' | 'precision' | 'memory'>
): VideoMaMaFit {
	const setup = setupOn(provider, precision);
	const need = videoMaMaMemory(picture, options, setup);
	return {
		need,
		room: memory,
		short: memory !== undefined && need > memory,
		preset: memory === undefined ? undefined : presetThatFits(memory, picture, setup),
		smaller: smallerPreset(options, picture, setup, memory)
	};
}

/** Until the server has weights, it does not say what it computes in: then as on a graphics card. */
function setupOn(provider: string, precision: EngineStatus['precision']): VideoMaMaSetup {
	const known = providers.find((id) => id === provider);
	return known && precision ? { precision, attention: attentionOn(known) } : onCard;
}
