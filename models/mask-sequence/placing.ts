import type { PictureSequence, SequencePicture } from './names.ts';

/** Where the pictures of a sequence come to lie in a clip. */
export interface Placing {
	/** Those that lie in the clip, by frame, in order. */
	readonly pictures: ReadonlyMap<number, SequencePicture>;
	/** How many lie behind its end. */
	readonly surplus: number;
	/** How many frames have none, and the first of them. */
	readonly without: number;
	readonly firstWithout?: number;
}

/** @param start the frame of the first picture */
export function placeSequence({ pictures }: PictureSequence, start: number, frames: number): Placing {
	const placed = new Map(
		pictures.map((picture) => [start + picture.place, picture] as const).filter(([frame]) => frame < frames)
	);
	const missing = Array.from({ length: frames }, (_, frame) => frame).filter((frame) => !placed.has(frame));
	return {
		pictures: placed,
		surplus: pictures.length - placed.size,
		without: missing.length,
		firstWithout: missing[0]
	};
}
