import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SavedTracked } from '$lib/storage/types.ts';
import { appError } from '$protocol/errors.ts';
import { Tracked } from './tracked.svelte.ts';
import { TrackedKeeper } from './tracked-keeper.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const mask = { width: 8, height: 1, counts: [8] };

function setup() {
	const tracked = new Tracked();
	const disk = { full: false, tries: 0, written: new Map<number, SavedTracked>() };
	const failed = vi.fn();
	const keeper = new TrackedKeeper({
		...{ tracked, failed, times: () => Float64Array.of(0, 1, 2, 3) },
		async write(frames) {
			disk.tries++;
			if (disk.full) throw appError('storage-full');
			for (const frame of frames) disk.written.set(frame.time, frame);
		}
	});
	tracked.unsaved = () => keeper.soon();
	const take = (frame: number) => tracked.take(1, frame, mask, new Map());
	return { keeper, disk, failed, take };
}

it('writes masks soon after they came, several at once', async () => {
	const { disk, take } = setup();
	take(0);
	take(1);
	await vi.advanceTimersByTimeAsync(1000);
	expect(disk.tries).toBe(1);
	expect([...disk.written.keys()]).toEqual([0, 1]);
});

it('tries what could not be written again with what comes next, not by itself', async () => {
	const { disk, take } = setup();
	disk.full = true;
	take(0);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(disk.tries).toBe(1);
	disk.full = false;
	take(1);
	await vi.advanceTimersByTimeAsync(1000);
	expect([...disk.written.keys()]).toEqual([0, 1]);
});

it('says that it fails once, and again only after it has worked', async () => {
	const { keeper, disk, failed, take } = setup();
	disk.full = true;
	for (const frame of [0, 1, 2]) {
		take(frame);
		await keeper.save();
	}
	expect(failed).toHaveBeenCalledTimes(1);
	disk.full = false;
	await keeper.save();
	expect(disk.written.size).toBe(3);
	disk.full = true;
	take(3);
	await keeper.save();
	expect(failed).toHaveBeenCalledTimes(2);
});
