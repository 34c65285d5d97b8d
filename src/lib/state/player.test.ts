import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appError } from '$protocol/errors.ts';
import type { ClipMeta } from '$workers/media/types.ts';
import { Player, type Media } from './player.svelte.ts';

const meta: ClipMeta = {
	width: 4,
	height: 2,
	duration: 1,
	times: Float64Array.from({ length: 10 }, (_, i) => i / 10),
	frameRate: 10,
	decoder: 'webcodecs',
	codec: 'avc',
	audio: false
};

/** A clip that notes which frames were asked for and which of its bitmaps are still open. */
function fakeMedia(overrides: Partial<Media> = {}) {
	const asked: number[] = [];
	const open = new Set<number>();
	const media: Media = {
		open: async () => meta,
		frame: async (index) => {
			asked.push(index);
			open.add(index);
			return { width: index, close: () => void open.delete(index) } as ImageBitmap;
		},
		thumbnails: async () => {},
		close: vi.fn(),
		...overrides
	};
	return { media, asked, open };
}

const file = new Blob();

describe('Player', () => {
	it('opens a clip and shows its first frame', async () => {
		const player = new Player(() => fakeMedia().media);
		await player.open(file);
		expect(player).toMatchObject({ state: 'ready', frames: 10, index: 0, shown: { index: 0 } });
	});

	it('says that a clip cannot be opened, and ends its worker', async () => {
		const { media } = fakeMedia({
			open: () => Promise.reject(appError('clip-not-video', { name: 'a' }))
		});
		const player = new Player(() => media);
		await expect(player.open(file)).rejects.toMatchObject({ code: 'clip-not-video' });
		expect(player.state).toBe('failed');
		expect(media.close).toHaveBeenCalled();
	});

	it('forgets a clip that is still being opened when another one is', async () => {
		let finish: (info: ClipMeta) => void = () => {};
		const slow = fakeMedia({ open: () => new Promise((resolve) => (finish = resolve)) });
		const workers = [slow.media, fakeMedia().media];
		const player = new Player(() => workers.shift()!);
		const first = expect(player.open(file)).rejects.toMatchObject({ name: 'AbortError' });
		await player.open(file);
		finish(meta);
		await first;
		expect(player.state).toBe('ready');
	});

	it('stays within the clip and shows the frame nearest to a time', async () => {
		const player = new Player(() => fakeMedia().media);
		await player.open(file);
		await player.step(-5);
		expect(player.index).toBe(0);
		await player.goto(99);
		expect(player.index).toBe(9);
		await player.seek(0.31);
		expect(player).toMatchObject({ index: 3, time: 0.3, shown: { index: 3 } });
	});

	it('decodes only the newest of the frames that are asked for while scrubbing', async () => {
		const { media, asked, open } = fakeMedia();
		const player = new Player(() => media);
		await player.open(file);
		await Promise.all([1, 2, 3, 4, 5].map((index) => player.goto(index)));
		expect(asked).toEqual([0, 1, 5]);
		expect(player.shown?.index).toBe(5);
		expect([...open]).toEqual([5]);
	});

	it('makes other clips show the same frame at the same moment', async () => {
		const player = new Player(() => fakeMedia().media);
		const alpha = new Player(() => fakeMedia().media);
		await player.open(file);
		await alpha.open(file);
		player.follow([alpha]);
		await player.goto(7);
		expect(alpha).toMatchObject({ index: 7, shown: { index: 7 } });
	});

	it('tells that a frame cannot be read, until another one is shown', async () => {
		const { media } = fakeMedia();
		const frame = media.frame;
		media.frame = (index) =>
			index < 5 ? frame(index) : Promise.reject(appError('clip-damaged', { frame: 5 }));
		const player = new Player(() => media);
		await player.open(file);
		await player.goto(6);
		expect(player).toMatchObject({ error: { code: 'clip-damaged' }, shown: { index: 0 } });
		await player.goto(4);
		expect(player).toMatchObject({ error: undefined, shown: { index: 4 } });
	});
});

describe('playing', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it('shows every frame at its time, stops at the end, and starts over from there', async () => {
		const { media, asked, open } = fakeMedia();
		const player = new Player(() => media);
		await player.open(file);
		player.play();
		await vi.advanceTimersByTimeAsync(450);
		expect(player).toMatchObject({ playing: true, index: 4 });
		await vi.advanceTimersByTimeAsync(600);
		expect(player).toMatchObject({ playing: false, index: 9, shown: { index: 9 } });
		expect(asked).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
		expect([...open]).toEqual([9]);
		player.play();
		await vi.advanceTimersByTimeAsync(50);
		expect(player.index).toBe(0);
	});

	it('lets go of what it decoded ahead when it is stopped', async () => {
		const { media, open } = fakeMedia();
		const player = new Player(() => media);
		await player.open(file);
		player.play();
		await vi.advanceTimersByTimeAsync(250);
		player.pause();
		await vi.advanceTimersByTimeAsync(500);
		expect(player).toMatchObject({ playing: false, index: 2 });
		expect([...open]).toEqual([2]);
	});
});
