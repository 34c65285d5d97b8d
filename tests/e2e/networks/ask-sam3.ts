import type { TimedFrame } from '../../../models/clip.ts';
import { encodeMask, type RunLengthMask } from '../../../models/mask.ts';
import type { Candidate, EncodedFrame, Segmenter, TrackableClip } from '../../../models/segmenter.ts';

const size = { width: 60, height: 44 };

/** Whether a pixel of a frame lies in a disc that wanders to the right. */
const inDisc = (i: number, index: number) =>
	Math.hypot((i % size.width) - 22 - 3 * index, Math.floor(i / size.width) - 20) < 10;

/** Waves, and the disc. */
const frames = Array.from({ length: 4 }, (_, index): TimedFrame => {
	const data = Uint8Array.from({ length: 4 * size.width * size.height }, (_, i) => {
		const [x, y] = [(i >> 2) % size.width, Math.floor((i >> 2) / size.width)];
		return (inDisc(i >> 2, index) ? 150 : 60) + 50 * Math.sin(x / (3 + (i % 4)) + y / 5);
	});
	return { ...size, data, index, time: index };
});

const disc = {
	...size,
	data: Uint8Array.from({ length: size.width * size.height }, (_, i) => (inDisc(i, 0) ? 255 : 0))
};

/** The first of the frames. */
function clipOf(count: number): TrackableClip {
	const shown = frames.slice(0, count);
	return {
		info: { ...size, frames: count },
		frameAt: async (index) => shown[index],
		async *frames({ from = 0 } = {}) {
			yield* shown.filter(({ time }) => time >= from);
		},
		async *framesBackward({ before }) {
			yield* shown.filter(({ time }) => time < before).toReversed();
		}
	};
}

const click = { kind: 'point', x: 22, y: 20, positive: true } as const;
const box = { kind: 'box', x: 10, y: 8, width: 26, height: 24 } as const;

/** An answer as it travels from a worker. */
export interface Answer {
	readonly score: number;
	readonly mask: RunLengthMask;
}

/** Everything that SAM 3 is asked, by what was asked. */
export type Answers = Readonly<Record<string, readonly Answer[]>>;

/** What SAM 3 can be asked of the first frame. */
const asked = {
	click: (encoded) => encoded.segment([click]),
	box: (encoded) => encoded.segment([box]),
	'box and click': (encoded) => encoded.segment([box, { ...click, positive: false }]),
	words: (encoded) => encoded.detect!({ words: 'disc' }),
	'words and example': (encoded) => encoded.detect!({ words: 'disc', examples: [{ ...box, positive: true }] })
} satisfies Record<string, (encoded: EncodedFrame) => Promise<readonly Candidate[]>>;

export interface Questions {
	/** The side of the network's input in pixels. */
	readonly size: number;
	readonly ofFrame: readonly (keyof typeof asked)[];
	/** Frames through which a mask of the first one is followed. */
	readonly track: number;
}

export async function askSam3(segmenter: Segmenter, { ofFrame, track }: Questions): Promise<Answers> {
	const answers: Record<string, Answer[]> = {};
	const encoded = await segmenter.encode(frames[0]!);
	for (const question of ofFrame)
		answers[question] = (await asked[question](encoded)).map(({ score, mask }) => ({
			score,
			mask: encodeMask(mask)
		}));
	encoded.dispose();
	const targets = [{ id: 1, keyframes: [{ frame: 0, prompts: [], mask: disc }] }];
	answers.track = [];
	for await (const { masks } of segmenter.trackClip!(clipOf(track), { targets }))
		answers.track.push({ score: 1, mask: encodeMask(masks.get(1)!) });
	return answers;
}
