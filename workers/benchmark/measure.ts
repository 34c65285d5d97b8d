import { encodeMask } from '../../models/mask.ts';
import type { Frame } from '../../models/frame.ts';
import type { Prompt, Segmenter } from '../../models/segmenter.ts';
import type { BenchmarkStage, Times } from './types.ts';

/** A frame of a usual clip. */
const [WIDTH, HEIGHT] = [1280, 720];
/** Frames and clicks that are measured at most, and milliseconds after which no further one is begun. */
const frames = { most: 3, enough: 20_000 };
const clicks = { most: 15, enough: 10_000 };

/**
 * Measures a segmenter that has just been opened, on a picture of its own.
 * @param open milliseconds that opening took
 */
export async function measureSegmenter(
	segmenter: Pick<Segmenter, 'encode'>,
	open: number,
	onStage: (stage: BenchmarkStage) => void
): Promise<Times> {
	const picture = testPicture();
	onStage('encode');
	const firstStart = performance.now();
	let frame = await segmenter.encode(picture);
	const firstEncode = performance.now() - firstStart;
	const encodes = await repeat(frames, async () => {
		frame.dispose();
		frame = await segmenter.encode(picture);
	});
	onStage('decode');
	const click = async (i: number) => {
		const [best] = await frame.segment([clickAt(i)]);
		if (best) encodeMask(best.mask);
	};
	try {
		// The first one compiles.
		await click(0);
		const decodes = await repeat(clicks, click);
		return {
			...{ open, firstEncode },
			encode: median(encodes),
			decode: median(decodes),
			slowestDecode: Math.max(...decodes)
		};
	} finally {
		frame.dispose();
	}
}

/** Milliseconds of each run; one run at least. */
async function repeat(
	{ most, enough }: { most: number; enough: number },
	work: (i: number) => Promise<void>
): Promise<number[]> {
	const times: number[] = [];
	let total = 0;
	while (times.length < most && total < enough) {
		const start = performance.now();
		await work(times.length);
		times.push(performance.now() - start);
		total += times.at(-1)!;
	}
	return times;
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A bright disk before a slope of colours: the same on every machine. */
function testPicture(): Frame {
	const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT);
	for (let y = 0; y < HEIGHT; y++)
		for (let x = 0; x < WIDTH; x++) {
			const inside = Math.hypot(x - WIDTH / 2, y - HEIGHT / 2) < HEIGHT / 4;
			const colour = inside ? [230, 60, 50] : [(200 * x) / WIDTH, (200 * y) / HEIGHT, 120];
			data.set([...colour, 255], 4 * (y * WIDTH + x));
		}
	return { width: WIDTH, height: HEIGHT, data };
}

/** Clicks within the disk, each somewhere else, so that no answer is one from before. */
function clickAt(i: number): Prompt {
	const angle = 2.4 * i;
	const away = (HEIGHT / 5) * Math.sqrt(i / clicks.most);
	return {
		kind: 'point',
		x: Math.round(WIDTH / 2 + away * Math.cos(angle)),
		y: Math.round(HEIGHT / 2 + away * Math.sin(angle)),
		positive: true
	};
}
