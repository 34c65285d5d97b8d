import { expect, it, vi } from 'vitest';
import { defaultMatteOptions, type MatteOptions } from '../../models/matter.ts';
import type { EngineId } from '../../models/registry.ts';
import type { SegmenterId } from '../../models/segmenters.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import type { JobOutcome } from '../engines/job-spec.ts';
import type { EngineSetup } from '../engines/setup.ts';
import type { Clip } from '../protocol/schema.ts';
import { KnownKeys, MatteWork } from './matte-work.ts';
import type { WorkParts } from './work.ts';

it('makes a key once, and anew when weights or program are others', () => {
	const keys = new KnownKeys();
	const make = vi.fn(() => 'one');
	const maker = { version: '1', weights: 'a' };
	expect(keys.get(undefined, maker, make)).toBe('one');
	expect(keys.get('one', { ...maker }, make)).toBe('one');
	expect(make).toHaveBeenCalledTimes(1);
	expect(keys.get('one', { ...maker, weights: 'b' }, () => 'two')).toBe('two');
	// As after a restart: what it was made with is not known.
	expect(new KnownKeys().get('one', maker, make)).toBe('one');
	expect(make).toHaveBeenCalledTimes(2);
	// A request that came anew has no key yet.
	expect(keys.get(undefined, maker, () => 'three')).toBe('three');
});

it('learns the pace of a large engine from masks that were given or tracked by any segmenter, but not from a crop', async () => {
	const learned: [EngineId, number][] = [];
	const paces = { get: () => undefined, learn: async (...it: [EngineId, number]) => void learned.push(it) };
	const finish = (engine: EngineId, options: Partial<MatteOptions> = {}, segmenter?: SegmenterId) => {
		const clip = { width: 128, height: 64, duration: 1, frameRate: 4, frames: 4 } as Clip;
		const keyframes = [0, 1, 2, 3].map((time) => ({ time, mask: { width: 1, height: 1, counts: [1] } }));
		const making = {
			engine,
			options: { ...defaultMatteOptions, ...options },
			outputs: [],
			segmenter,
			keyframes
		};
		const parts = { paces } as unknown as ConstructorParameters<typeof MatteWork>[0];
		const record = { frames: 4, width: 128, height: 64, seconds: 2 } as JobOutcome['record'];
		return new MatteWork(parts, clip, making).learn({ results: [], notices: [], record });
	};
	await finish('classic');
	await finish('videomama', { videomama: { ...defaultVideoMaMaOptions, crop: true } });
	expect(learned).toEqual([]);
	await finish('videomama');
	await finish('videomama', {}, 'sam3');
	const pace = ['videomama', (4 * 128 * 64) / 2];
	expect(learned).toEqual([pace, pace]);
});

const clip: Clip = {
	...{ hash: '0'.repeat(64), bytes: 1, width: 4, height: 2, pixelAspect: 1 },
	...{ duration: 1, frames: 10, frameRate: 10, container: 'mp4', codec: 'h264', audio: false }
};

/** On a server where the engine takes 3 of main memory and 5 of the card's, SAM 3 4 of both. */
function workOf(engine: EngineId, precision: EngineSetup['precision'] = 'float16') {
	const setup = { provider: 'cuda', precision };
	const engines = {
		ready: async () => ({ setup, weights: 'a' }),
		readySegmenter: async () => ({ setup, weights: 'b' }),
		need: async () => ({ main: 3, device: 5 }),
		needSegmenter: () => ({ main: 4, device: 4 })
	};
	const parts = { engines, version: '1', keys: new KnownKeys() } as unknown as WorkParts & {
		keys: KnownKeys;
	};
	const mask = { width: 4, height: 2, counts: [1, 7] };
	return new MatteWork(parts, clip, {
		...{ engine, segmenter: 'sam3', keyframes: [{ time: 0, mask }] },
		...{ options: defaultMatteOptions, outputs: ['alpha'] }
	});
}

const places = { clip: '/clip', directory: '/outputs', name: 'matte', unfinished: '/unfinished' };

it('tracks before a large engine is loaded: the larger of both must fit, not both together', async () => {
	expect((await workOf('videomama').plan(places)).need).toEqual({ main: 4, device: 5 });
	expect((await workOf('classic').plan(places)).need).toEqual({ main: 7, device: 9 });
});

it('keeps what a large engine makes under a name that says what made it, and room for it on the disk', async () => {
	const spec = async (...making: Parameters<typeof workOf>) => {
		const { task } = await workOf(...making).plan(places);
		return task.kind === 'matte' ? task.spec.unfinished : undefined;
	};
	const half = await spec('videomama');
	expect(half?.folder).toBe('/unfinished');
	expect(await spec('videomama')).toEqual(half);
	expect((await spec('videomama', 'float32'))?.key).not.toBe(half?.key);
	expect(await spec('classic')).toBeUndefined();
	expect(workOf('videomama').space).toBeGreaterThan(workOf('classic').space);
});
