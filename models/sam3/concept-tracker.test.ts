import { beforeEach, describe, expect, test } from 'vitest';
import { masksOf } from './concept-masks.ts';
import {
	ConceptTracker,
	type ConceptFrame,
	type Found,
	type MemoryEntry,
	type Prediction,
	type TrackedObjects
} from './concept-tracker.ts';
import { parseSam3Config, type Sam3Config } from './config.ts';
import { defaultSam3Options, transformersOptions, type ConceptOptions } from './options.ts';
import { regionOf } from './regions.ts';

const size = { width: 24, height: 16 };
const { concepts } = defaultSam3Options;

/** Logits of a rectangle. */
function box(x: number, y: number, width: number, height: number, inside = 5, outside = -5): Float32Array {
	return Float32Array.from({ length: size.width * size.height }, (_, i) => {
		const [column, row] = [i % size.width, Math.floor(i / size.width)];
		return column >= x && column < x + width && row >= y && row < y + height ? inside : outside;
	});
}
const nothing = box(0, 0, 0, 0);
const found = (logits: Float32Array, score = 0.9): Found => ({ score, logits });

/** Objects that stay where they were put, unless the test moves them; notes what is done with them. */
class StandingObjects implements TrackedObjects<undefined> {
	readonly masks = new Map<number, Float32Array>();
	readonly scores = new Map<number, number>();
	readonly added: { frame: number; id: number; area: number; side: number }[] = [];
	readonly remembered: { frame: number; entries: readonly MemoryEntry[] }[] = [];

	async propagate(): Promise<Prediction[]> {
		return [...this.masks].map(([id, logits]) => ({ id, logits, score: this.scores.get(id) ?? 3 }));
	}

	async remember(_: undefined, frame: number, entries: readonly MemoryEntry[]): Promise<void> {
		this.remembered.push({ frame, entries });
	}

	async add(...[, frame, objects]: Parameters<TrackedObjects<undefined>['add']>): Promise<void> {
		for (const { id, mask } of objects) {
			const scale = mask.width / size.width;
			this.added.push({ frame, id, area: regionOf(mask.data).area, side: mask.width });
			this.masks.set(
				id,
				nothing.map((_, i) => {
					const [x, y] = [i % size.width, Math.floor(i / size.width)].map((at) =>
						Math.floor((at + 0.5) * scale)
					);
					return mask.data[y! * mask.width + x!] ? 5 : -5;
				})
			);
		}
	}

	remove(id: number): void {
		this.masks.delete(id);
	}
}

let objects: StandingObjects;
beforeEach(() => {
	objects = new StandingObjects();
});

function trackerOf(
	detect: (frame: number) => readonly Found[] | undefined,
	config: Partial<Sam3Config> = {},
	options: Partial<ConceptOptions> = {}
) {
	return new ConceptTracker<undefined>({
		config: { ...parseSam3Config({ model_type: 'sam3_video' }), fill_hole_area: 0, ...config },
		options: { ...concepts, ...options },
		size,
		detect: async (_, frame) => detect(frame),
		objects,
		firstId: 7
	});
}

/** What comes out of detections frame by frame, each frame's answer under its number. */
async function follow(
	detections: readonly (readonly Found[] | undefined)[],
	{
		config = {},
		options = {},
		before = () => {}
	}: {
		config?: Partial<Sam3Config>;
		options?: Partial<ConceptOptions>;
		before?: (frame: number) => void;
	} = {}
): Promise<ConceptFrame[]> {
	const tracker = trackerOf((frame) => detections[frame], config, options);
	const answers: ConceptFrame[] = [];
	for (const frame of detections.keys()) {
		before(frame);
		answers.push(...(await tracker.step(undefined, frame)));
	}
	return [...answers, ...tracker.flush()];
}

const ids = (answers: readonly ConceptFrame[]) => answers.map((answer) => answer.objects.map(({ id }) => id));

describe('objects', () => {
	test('words that find nothing give empty answers', async () => {
		expect(ids(await follow([[], [], []]))).toEqual([[], [], []]);
		expect(objects.remembered).toEqual([]);
	});

	test('appear where detections are, keep their ids and leave when nothing is left of them', async () => {
		const [left, right] = [box(1, 1, 6, 6), box(14, 3, 6, 6)];
		const answers = await follow(
			[[], [found(left, 0.6)], [found(left), found(right, 0.75)], [found(right)]],
			{
				before: (frame) => frame === 3 && objects.masks.set(7, nothing)
			}
		);
		expect(ids(answers)).toEqual([[], [7], [7, 8], [7, 8]]);
		expect(answers[3]!.objects.map(({ score }) => score)).toEqual([0.6, 0.75]);
		expect(answers[2]!.objects.map(({ presence }) => presence)).toEqual([1 / (1 + Math.exp(-3)), 0.75]);
		const masks = answers.map((answer) => masksOf(answer, size, size));
		expect(masks.map((all) => [...all.keys()])).toEqual([[], [7], [7, 8], [8]]);
		expect(regionOf(masks[3]!.get(8)!.data).area).toBe(36);
	});

	test('further ones must be surer than the first', async () => {
		const [left, right] = [box(1, 1, 6, 6), box(14, 3, 6, 6)];
		const answers = await follow([[found(left, 0.55)], [found(left), found(right, 0.69)]]);
		expect(ids(answers)).toEqual([[7], [7]]);
	});

	test('of too many, the surest are followed', async () => {
		const strips = [0.6, 0.9, 0.8].map((score, i) => found(box(8 * i, 0, 6, 16), score));
		const answers = await follow([strips], { config: { max_num_objects: 2 } });
		expect(answers[0]!.objects.map(({ score }) => score)).toEqual([0.9, 0.8]);
	});

	test('begin from the enlarged mask, or from a coarse one', async () => {
		const faint = box(4, 4, 4, 4, 0.4, -0.4);
		await follow([[found(faint)]]);
		// Corners are rounded off on the way to four times the size.
		expect(objects.added).toEqual([{ frame: 0, id: 7, area: 252, side: 96 }]);
		objects = new StandingObjects();
		await follow([[found(faint)]], { options: transformersOptions.concepts });
		expect(objects.added).toEqual([{ frame: 0, id: 7, area: 0, side: 24 }]);
	});
});

describe('hot-start', () => {
	const target = found(box(1, 1, 8, 8));

	test('takes away what detections do not confirm, before it was seen', async () => {
		const frames = [[target, found(box(14, 3, 6, 6))], ...new Array<Found[]>(19).fill([target])];
		const answers = await follow(frames);
		expect(answers).toHaveLength(20);
		expect(ids(answers).flat()).toEqual(new Array(20).fill(7));
		expect([...objects.masks.keys()]).toEqual([7]);
		expect(objects.remembered.map(({ entries }) => entries.length)).toEqual([
			...new Array<number>(7).fill(2),
			...new Array<number>(12).fill(1)
		]);
	});

	test('keeps what is on a frame where nothing was looked for', async () => {
		const frames = [[target], ...new Array<undefined>(39).fill(undefined)];
		const answers = await follow(frames);
		expect(answers.map(({ frame }) => frame)).toEqual(frames.map((_, frame) => frame));
		expect(ids(answers).flat()).toEqual(new Array(40).fill(7));
		const conditioning = objects.remembered.flatMap(({ entries }) => entries.filter((e) => e.conditioning));
		expect(conditioning).toEqual([]);
	});

	test('keeps, on the way back, what lived to see the turn, and watches over what is new', async () => {
		const passing = found(box(14, 3, 6, 6));
		const tracker = trackerOf((frame) =>
			frame >= 40 && frame < 52 ? [] : frame === 9 ? [target, passing] : [target]
		);
		const forward: ConceptFrame[] = [];
		for (let frame = 20; frame < 60; frame++) forward.push(...(await tracker.step(undefined, frame)));
		forward.push(...tracker.flush());
		expect(ids(forward)).toEqual(new Array(40).fill([7]));
		const backward: ConceptFrame[] = [];
		for (let frame = 19; frame >= 0; frame--)
			backward.push(...(await tracker.step(undefined, frame, { reverse: true })));
		backward.push(...tracker.flush());
		expect(backward.map(({ frame }) => frame)).toEqual(Array.from({ length: 20 }, (_, i) => 19 - i));
		expect(ids(backward)).toEqual(new Array(20).fill([7]));
		expect([...objects.masks.keys()]).toEqual([7]);
	});

	test('keeps what was confirmed long enough', async () => {
		const frames = Array.from({ length: 30 }, (_, frame) => (frame < 8 ? [target] : []));
		expect(ids(await follow(frames)).flat()).toHaveLength(30);
	});

	test('takes away what doubles an earlier object', async () => {
		const overlapping = found(box(1, 8, 8, 8));
		const frames = [[target], [target, overlapping], ...new Array<Found[]>(18).fill([target])];
		const answers = await follow(frames, {
			before: (frame) => frame === 2 && objects.masks.set(8, box(2, 1, 8, 8))
		});
		expect(ids(answers).flat()).toEqual(new Array(20).fill(7));
	});

	test('holds answers back for as long as objects are young, or not at all', async () => {
		const counts = async (hotstart: boolean) => {
			objects = new StandingObjects();
			const tracker = trackerOf(() => [target], {}, { hotstart });
			const ready: number[] = [];
			for (let frame = 0; frame < 17; frame++) ready.push((await tracker.step(undefined, frame)).length);
			return [...ready, tracker.flush().length];
		};
		expect(await counts(true)).toEqual([...new Array<number>(14).fill(0), 1, 1, 1, 14]);
		expect(await counts(false)).toEqual([...new Array<number>(17).fill(1), 0]);
	});

	test('when off, takes nothing away', async () => {
		const frames = [[target, found(box(14, 3, 6, 6))], ...new Array<Found[]>(19).fill([target])];
		const answers = await follow(frames, { options: { hotstart: false } });
		expect(answers[19]!.objects.map(({ id }) => id)).toEqual([7, 8]);
	});

	test('hides what was long not confirmed, where that is asked for', async () => {
		const config = {
			suppress_unmatched_only_within_hotstart: false,
			init_trk_keep_alive: 2,
			min_trk_keep_alive: 0
		};
		const frames = [[target], [], [], [], [target], []];
		expect(ids(await follow(frames, { config }))).toEqual([[7], [7], [], [], [7], []]);
	});
});

describe('memory', () => {
	const [left, right] = [found(box(1, 1, 6, 6)), found(box(14, 3, 6, 6))];

	test('has a score that says whether there is a mask', async () => {
		await follow([[left, right], [], []], {
			before: (frame) => frame === 2 && objects.masks.set(8, nothing)
		});
		const scores = objects.remembered.map(({ entries }) => entries.map(({ score }) => score));
		expect(scores).toEqual([
			[10, 10],
			[10, -10]
		]);
	});

	test('leaves out what lies mostly under another', async () => {
		await follow([[left, right], []], {
			before: (frame) => {
				if (frame === 0) return;
				objects.masks.set(7, box(0, 0, 10, 10, 5));
				objects.masks.set(8, box(2, 2, 10, 9, 4));
			}
		});
		const [first, second] = objects.remembered[0]!.entries;
		expect(first!.logits).toEqual(box(0, 0, 10, 10, 5));
		expect(second).toMatchObject({ score: -10, binarise: false, conditioning: false });
		expect(Math.max(...second!.logits)).toBe(-10);
	});

	test('of every 16th frame counts as known where detector and tracker agree, and the detection is shown', async () => {
		const detected = found(box(1, 1, 6, 6, 2));
		const answers = await follow(
			Array.from({ length: 33 }, () => [detected, right]),
			{ before: (frame) => objects.scores.set(8, frame === 32 ? 3 : 0.8) }
		);
		const conditioning = objects.remembered.flatMap(({ frame, entries }) =>
			entries.filter((entry) => entry.conditioning).map(({ id }) => `${frame}: ${id}`)
		);
		expect(conditioning).toEqual(['16: 7', '32: 7', '32: 8']);
		expect(answers[16]!.objects[0]!.logits).toEqual(detected.logits);
		expect(objects.remembered[15]!.entries[0]!.logits).toEqual(left.logits);
	});

	test('of every 16th frame can be corrected by the detection', async () => {
		const detected = found(box(1, 1, 6, 6, 2));
		const frames = Array.from({ length: 17 }, () => [detected]);
		await follow(frames, { config: { recondition_on_trk_masks: false } });
		expect(objects.remembered[15]!.entries[0]!.logits).toEqual(box(1, 1, 6, 6, 1, 0));
	});

	test('is written by itself when another object appears, or again for all', async () => {
		const frames = [[left], [left, right]];
		await follow(frames);
		const [first] = objects.remembered;
		objects = new StandingObjects();
		await follow(frames, { options: transformersOptions.concepts });
		expect([first, objects.remembered[0]].map((memory) => memory!.entries[0])).toEqual([
			{ id: 7, logits: left.logits, score: 10, binarise: false, conditioning: false },
			{ id: 7, logits: left.logits, score: 3, binarise: true, conditioning: false }
		]);
	});
});

test('of two objects on each other, the one that was out of sight most recently counts as hidden', async () => {
	const [left, right] = [box(1, 1, 6, 6), box(14, 3, 6, 6)];
	const answers = await follow([[found(left), found(right)], [], [], []], {
		before: (frame) => {
			if (frame === 1) objects.masks.set(7, nothing);
			if (frame === 2) objects.masks.set(7, left).set(8, nothing);
			if (frame === 3) objects.masks.set(8, left);
		}
	});
	const shown = answers.map((answer) => [...masksOf(answer, size, size).keys()]);
	expect(shown).toEqual([[7, 8], [8], [7], [7]]);
	expect(objects.remembered[2]!.entries.map(({ score }) => score)).toEqual([10, -10]);
});

test('a pixel that two claim is the surer one’s', async () => {
	const [a, b] = [box(0, 0, 10, 10), box(5, 5, 10, 10)];
	const object = (id: number, presence: number, logits: Float32Array) => ({ id, score: 1, presence, logits });
	const frame = { frame: 0, objects: [object(1, 0.5, a), object(2, 0.6, b), object(3, 0.9, nothing)] };
	const masks = masksOf(frame, size, size);
	expect([...masks].map(([id, { data }]) => [id, regionOf(data).area])).toEqual([
		[1, 75],
		[2, 100]
	]);
});
