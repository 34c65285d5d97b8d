import type { TimedFrame } from '../../../models/clip.ts';
import { encodeMask, type RunLengthMask } from '../../../models/mask.ts';
import type { Candidate, Prompt, Segmenter, TrackableClip } from '../../../models/segmenter.ts';

const size = { width: 60, height: 44 };

/** Waves, and a disc that wanders to the right. */
const frames = Array.from({ length: 4 }, (_, index): TimedFrame => {
	const data = Uint8Array.from({ length: 4 * size.width * size.height }, (_, i) => {
		const [x, y] = [(i >> 2) % size.width, Math.floor((i >> 2) / size.width)];
		const inside = Math.hypot(x - 22 - 3 * index, y - 20) < 10;
		return (inside ? 150 : 60) + 50 * Math.sin(x / (3 + (i % 4)) + y / 5);
	});
	return { ...size, data, index, time: index };
});

const clip: TrackableClip = {
	info: { ...size, frames: frames.length },
	frameAt: async (index) => frames[index],
	async *frames({ from = 0 } = {}) {
		yield* frames.filter(({ time }) => time >= from);
	},
	async *framesBackward({ before }) {
		yield* frames.filter(({ time }) => time < before).toReversed();
	}
};

const click = { kind: 'point', x: 22, y: 20, positive: true } as const;
const box: Prompt = { kind: 'box', x: 10, y: 8, width: 26, height: 24 };

/** An answer as it travels from a worker. */
export interface Answer {
	readonly score: number;
	readonly mask: RunLengthMask;
}

/** Everything that SAM 3 is asked, by what was asked. */
export type Answers = Readonly<Record<string, readonly Answer[]>>;

/** @param questions of those that it knows; tracking takes the longest */
export async function askSam3(segmenter: Segmenter, questions: readonly string[]): Promise<Answers> {
	const encoded = await segmenter.encode(frames[0]!);
	const asked: Record<string, () => Promise<Answer[]>> = {
		click: async () => plain(await encoded.segment([click])),
		box: async () => plain(await encoded.segment([box])),
		'box and click': async () => plain(await encoded.segment([box, { ...click, positive: false }])),
		words: async () => plain(await encoded.detect!({ words: 'disc' })),
		track: () => track(segmenter)
	};
	const answers: Record<string, Answer[]> = {};
	for (const question of questions) answers[question] = await asked[question]!();
	encoded.dispose();
	return answers;
}

async function track(segmenter: Segmenter): Promise<Answer[]> {
	const targets = [{ id: 1, keyframes: [{ frame: 0, prompts: [click] }] }];
	const found: Answer[] = [];
	for await (const { masks } of segmenter.trackClip!(clip, { targets }))
		found.push({ score: 1, mask: encodeMask(masks.get(1)!) });
	return found;
}

function plain(candidates: readonly Candidate[]): Answer[] {
	return candidates.map(({ score, mask }) => ({ score, mask: encodeMask(mask) }));
}
