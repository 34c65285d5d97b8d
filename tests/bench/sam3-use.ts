import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Frame, Mask, Size } from '../../models/frame.ts';
import { openSam3, type OpenSam3 } from '../../models/sam3/open.node.ts';
import type { TrackableClip } from '../../models/segmenter.ts';
import { megabytes, peakMegabytes } from './measure.ts';
import { table } from './report.ts';

const size: Size = { width: 640, height: 360 };
const frameRate = 24;

/** What a user does, one after the other, with what it takes and the most memory until then. */
export async function useSam3(open: OpenSam3): Promise<string> {
	const rows: string[][] = [];
	const timed = async <T>(what: string, action: () => Promise<T>): Promise<T> => {
		const start = performance.now();
		const result = await action();
		const seconds = (performance.now() - start) / 1000;
		rows.push([what, seconds.toFixed(2), peakMegabytes().toFixed(0)]);
		return result;
	};
	const segmenter = await timed('open', () => openSam3(open));
	const frame = await timed('look at a frame', () => segmenter.encode(picture(0)));
	const click = { kind: 'point', x: 320, y: 180, positive: true } as const;
	await timed('first click', () => frame.segment([click]));
	const again = { ...click, x: 300 };
	await timed('second click', () => frame.segment([click, again]));
	await timed('a phrase', () => frame.detect!({ words: 'the dog' }));
	await timed('another phrase', () => frame.detect!({ words: 'a red ball' }));
	frame.dispose();
	const seed = { frame: picture(0), mask: disc(320) };
	const next = async function* () {
		yield picture(1);
		yield picture(2);
	};
	const masks = segmenter.track(seed, next())[Symbol.asyncIterator]();
	await timed('a mask, and the frame after it', () => masks.next());
	await timed('one more frame', () => masks.next());
	segmenter.dispose();
	return table(['step', 's', 'peak memory, MB'], rows);
}

/** Follows four objects through a clip. */
export async function trackSam3(open: OpenSam3, frames: number): Promise<string> {
	const segmenter = await openSam3(open);
	const targets = [0.2, 0.4, 0.6, 0.8].map((x, i) => ({
		id: i + 1,
		keyframes: [{ frame: 0, prompts: [], mask: disc(x * size.width) }]
	}));
	const started = performance.now();
	const held: number[] = [];
	for await (const { index } of segmenter.trackClip!(madeClip(frames), { targets })) {
		if (index === 50 || index === frames - 1) held.push(memoryInUse());
	}
	const seconds = (performance.now() - started) / 1000;
	segmenter.dispose();
	const [early, late] = held as [number, number];
	const change = `${((late / early - 1) * 100).toFixed(1)} %`;
	return table(
		['frames', 's/frame', 'at frame 50, MB', 'at the end, MB', 'change'],
		[[`${frames}`, (seconds / frames).toFixed(3), early.toFixed(0), late.toFixed(0), change]]
	);
}

/** Memory in megabytes, without what the next collection would free. */
function memoryInUse(): number {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
	return megabytes();
}

function madeClip(frames: number): TrackableClip {
	const timed = (index: number) => ({ ...picture(index), index, time: index / frameRate });
	return {
		info: { ...size, frames },
		frameAt: async (index) => (index < frames ? timed(index) : undefined),
		async *frames({ from = 0 } = {}) {
			for (let i = Math.round(from * frameRate); i < frames; i++) yield timed(i);
		},
		async *framesBackward({ before }) {
			for (let i = Math.round(before * frameRate) - 1; i >= 0; i--) yield timed(i);
		}
	};
}

function disc(x: number): Mask {
	const inside = (i: number) =>
		Math.hypot((i % size.width) - x, Math.floor(i / size.width) - size.height / 2) < 50;
	const data = Uint8Array.from({ length: size.width * size.height }, (_, i) => (inside(i) ? 255 : 0));
	return { ...size, data };
}

/** Waves that move. */
function picture(index: number): Frame {
	const data = new Uint8ClampedArray(4 * size.width * size.height);
	for (let i = 0; i < data.length; i++) data[i] = 128 + 90 * Math.sin((i + 9 * index) / 39);
	return { ...size, data };
}
