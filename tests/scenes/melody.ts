import type { Sound } from './write-clip.ts';

const sampleRate = 48_000;
/** A pentatonic tune in quarter seconds: semitones above A3, or nothing. */
const tune = [0, null, 7, null, 12, 9, 7, null, 4, null, 7, null, 9, 7, 4, null] as const;
/** The chord under it, in the same measure: one for every four quarters. */
const basses = [-12, -5, -8, -5] as const;

/** A soft plucked tune of some seconds, synthesized, which fades in and out. */
export function melody(seconds: number): Sound {
	const length = Math.round(seconds * sampleRate);
	const left = new Float32Array(length);
	const right = new Float32Array(length);
	const play = (start: number, semitone: number, level: number, pan: number) => {
		const frequency = 220 * 2 ** (semitone / 12);
		for (let i = Math.round(start * sampleRate); i < length; i++) {
			const t = i / sampleRate - start;
			if (t > 1.8) break;
			const attack = Math.min(1, t / 0.006);
			const tone = [1, 2, 3].reduce(
				(sum, n) =>
					sum + (Math.sin(2 * Math.PI * frequency * n * t) * Math.exp(-t * (2.4 + 2.2 * n))) / n ** 2,
				0
			);
			left[i] = left[i]! + level * attack * tone * (1 - pan);
			right[i] = right[i]! + level * attack * tone * pan;
		}
	};
	for (const [index, semitone] of tune.entries()) {
		if (semitone !== null) play(index / 4, semitone, 0.4, index % 2 === 0 ? 0.4 : 0.6);
	}
	for (const [index, semitone] of basses.entries()) play(index, semitone, 0.35, 0.5);
	for (let i = 0; i < length; i++) {
		const fade = Math.min(1, i / (0.02 * sampleRate), (length - 1 - i) / (0.4 * sampleRate));
		left[i] = left[i]! * fade;
		right[i] = right[i]! * fade;
	}
	return { sampleRate, left, right };
}
