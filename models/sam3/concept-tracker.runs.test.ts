import { expect, test } from 'vitest';
import { ConceptTracker, type Found, type MemoryEntry, type Prediction } from './concept-tracker.ts';
import runs from './concept-tracker.runs.json' with { type: 'json' };
import { parseSam3Config } from './config.ts';
import { transformersOptions } from './options.ts';
import { regionOf } from './regions.ts';

// Whole runs over detections and predictions that a hash decides, as `Sam3VideoModel.forward` of transformers 5.18 does them when its
// networks are replaced by the same hash. Its outputs are paired with the ids as they were before a frame's objects were removed, and not
// after it, as it does by mistake.

const [width, height] = [24, 16];

/** A number from 0 to 1 that depends on whole numbers alone. */
function noise(...keys: number[]): number {
	let hash = 0x9e3779b9;
	for (const key of keys) {
		hash = Math.imul(hash ^ key, 0x85ebca6b);
		hash ^= hash >>> 13;
		hash = Math.imul(hash, 0xc2b2ae35);
		hash ^= hash >>> 16;
	}
	return (hash >>> 0) / 2 ** 32;
}

function rectangle(left: number, top: number, logit: number): Float32Array {
	return Float32Array.from({ length: width * height }, (_, i) => {
		const [x, y] = [(i % width) - left, Math.floor(i / width) - top];
		return x >= 0 && x < 6 && y >= 0 && y < 9 ? logit : -4;
	});
}

const quarters = (...keys: number[]) => Math.floor(16 * noise(...keys)) / 4;
const jitter = (...keys: number[]) => [-1, 0, 0, 0, 0, 1][Math.floor(6 * noise(...keys))]!;

/** Up to one thing in each of four places. */
function detections(seed: number, frame: number): Found[] {
	return [0, 1, 2, 3].flatMap((place) => {
		const keys = [seed, frame, place];
		if (noise(...keys, 0) < 0.25) return [];
		const [left, top] = [1 + 6 * place + jitter(...keys, 1), 3 + jitter(...keys, 2)];
		const score = 0.5 + Math.floor(64 * noise(...keys, 4)) / 128;
		return { score, logits: rectangle(left, top, 1 + quarters(...keys, 3)) };
	});
}

/** In one of the four places for eight frames, then perhaps in another; now and then out of sight. */
function predict(seed: number, id: number, frame: number): Prediction {
	const keys = [seed, id, frame];
	if (noise(...keys, 5) < 0.15) return { id, score: -3, logits: rectangle(width, 0, -4) };
	const place = Math.floor(4 * noise(seed, id, frame >> 3, 6));
	const [left, top] = [1 + 6 * place + jitter(...keys, 7), 3 + jitter(...keys, 8)];
	return { id, score: quarters(...keys, 10) - 1, logits: rectangle(left, top, 1 + quarters(...keys, 9)) };
}

/** What is shown (id and area), what is remembered (where it conditions: *; as out of sight: -), and what is removed, for each frame. */
async function run({ seed, reverse, config, frames }: (typeof runs)[number]): Promise<string[]> {
	const ids = new Set<number>();
	const happened = { memory: [] as readonly MemoryEntry[], removed: [] as number[] };
	const tracker = new ConceptTracker<undefined>({
		config: { ...parseSam3Config({ model_type: 'sam3_video', ...config }), fill_hole_area: 0 },
		options: { ...transformersOptions.concepts, birthsRewriteMemory: false },
		size: { width, height },
		firstId: 0,
		detect: async (_, frame) => detections(seed, frame),
		objects: {
			propagate: async (_, frame) => [...ids].map((id) => predict(seed, id, frame)),
			remember: async (_, __, entries) => void (happened.memory = entries),
			add: async (_, __, objects) => objects.forEach(({ id }) => ids.add(id)),
			remove: (id) => void (ids.delete(id), happened.removed.push(id))
		}
	});
	const found: string[] = [];
	const area = ({ logits }: Pick<Prediction, 'logits'>) => regionOf(logits).area;
	for (const i of frames.keys()) {
		Object.assign(happened, { memory: [], removed: [] });
		const frame = reverse ? frames.length - 1 - i : i;
		const shown = [...(await tracker.step(undefined, frame, { reverse })), ...tracker.flush()][0]!.objects;
		const remembered = happened.memory.map((entry) => {
			return `${entry.id}:${area(entry)}${entry.conditioning ? '*' : ''}${entry.score > 0 ? '' : '-'}`;
		});
		const objects = shown.map((object) => `${object.id}:${area(object)}`);
		found.push([objects.join(' '), remembered.join(' '), happened.removed.toSorted().join(' ')].join(' | '));
	}
	return found;
}

test.each(runs)('run $seed finds, remembers and removes the same', async (expected) => {
	expect(await run(expected)).toEqual(expected.frames);
});
