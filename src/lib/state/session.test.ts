import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Files } from '$lib/storage/files.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import { someClip, someHash, someHealth } from '$lib/testing/fakes.ts';
import { defaultMatAnyoneOptions } from '$models/matanyone/options.ts';
import { appError } from '$protocol/errors.ts';
import type { Clip } from '$protocol/schema.ts';
import { Player, type Media } from './player.svelte.ts';
import { Prompting, type Segments } from './prompting.svelte.ts';
import { newSession, Session, type SessionParts } from './session.svelte.ts';

const media: Media = {
	open: async () => ({
		...{ width: 4, height: 2, duration: 0.08, frameRate: 25, codec: 'avc', audio: false },
		times: Float64Array.of(0, 0.04),
		decoder: 'webcodecs'
	}),
	frame: async () => ({ close() {} }) as ImageBitmap,
	thumbnails: async () => {},
	close() {}
};
const mask = { width: 4, height: 2, counts: [3, 2, 3] };
const segments: Segments = {
	...{ hovers: false, refines: false, concepts: false },
	segment: async () => ({ mask, engine: 'classic', score: 1, milliseconds: 1 }),
	detect: async () => ({ found: [], engine: 'classic', milliseconds: 1 }),
	prepare: async () => {}
};
const file = new File(['clip'], 'clip.mp4');

let number = 0;
function setup() {
	const database = openDatabase(`test-${number++}`);
	const warn = vi.fn();
	const server = { clip: undefined as Clip | undefined, file: undefined as Blob | undefined };
	const parts = {
		api: {
			clip: vi.fn(async () => server.clip),
			clipFile: vi.fn(async () => {
				if (!server.file) throw appError('clip-missing');
				return server.file;
			})
		},
		connection: { online: async () => {}, suspect: vi.fn(), health: someHealth() },
		store: new Sessions(database),
		files: new Files(database),
		hash: vi.fn(async () => someHash),
		thumbnail: async () => new Blob(['picture']),
		segments,
		onServer: vi.fn(),
		warn
	} satisfies SessionParts;
	const begin = (saved = newSession(file.name, file.size)) => {
		const player = new Player(() => media);
		return new Session(saved, parts, player, new Prompting(player, segments));
	};
	const reopen = async (id: string) => {
		const session = begin((await parts.store.get(id))!);
		await session.open();
		return session;
	};
	return { parts, server, warn, begin, reopen };
}

const uploaded = (session: Session) => vi.waitFor(() => expect(session.upload?.state.kind).toBe('done'));
const kept = (session: Session) => vi.waitFor(() => expect(session.snapshot().file).toBeDefined());

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

describe('Session', () => {
	it('can be worked in before its clip is on the server', async () => {
		const { parts, begin } = setup();
		parts.hash.mockReturnValue(new Promise(() => {}));
		const session = begin();
		await session.open(file);
		expect(session.state).toBe('ready');
		await vi.waitFor(() => expect(session.upload?.state.kind).toBe('hashing'));
		session.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await session.prompting.settled();
		expect(session.prompting.ready).toBe(true);
	});

	it('comes back as it was, without the server', async () => {
		const { parts, server, begin, reopen } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		await uploaded(session);
		await kept(session);
		session.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await session.prompting.settled();
		session.setOptions({ feather: 3, matanyone: { ...defaultMatAnyoneOptions, warmup: 1 } });
		session.outputs = ['alpha', 'foreground', 'webm'];
		session.jobs = ['j1'];
		await session.close();

		const again = await reopen(session.id);
		expect(again.state).toBe('ready');
		expect(parts.api.clipFile).not.toHaveBeenCalled();
		expect(await again.request()).toEqual({
			clip: someHash,
			name: 'clip.mp4',
			keyframes: [{ time: 0, mask }],
			engine: 'classic',
			options: {
				...{ edgeRadius: 10, grow: 0, feather: 3, gamma: 1 },
				matanyone: { ...defaultMatAnyoneOptions, warmup: 1 }
			},
			outputs: ['alpha', 'foreground', 'webm']
		});
		expect(again.jobs).toEqual(['j1']);
	});

	it('saves a job before its result is shown, so that a page that is reloaded then finds it', async () => {
		const { parts, server, begin } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		await session.addJob('j1');
		expect((await parts.store.get(session.id))?.jobs).toEqual(['j1']);
	});

	it('keeps the clip and a small picture of it, before and after the server has it', async () => {
		const { parts, server, begin, reopen } = setup();
		parts.hash.mockReturnValueOnce(new Promise(() => {}));
		const session = begin();
		await session.open(file);
		expect(session.keeping).toBe(true);
		await kept(session);
		await vi.waitFor(() => expect(session.keeping).toBe(false));
		await session.close();

		server.clip = someClip;
		const again = await reopen(session.id);
		expect(again.state).toBe('ready');
		await uploaded(again);
		expect(parts.onServer).toHaveBeenCalled();
		await again.close();
		const saved = (await parts.store.get(session.id))!;
		expect(saved).toMatchObject({
			...{ uploaded: true, hash: someHash },
			info: { width: 4, height: 2, duration: 0.08, frames: 2 }
		});
		expect((await parts.files.get(saved.file!))?.size).toBe(4);
		expect(await parts.store.thumbnail(session.id)).toBeDefined();
	});

	it('fetches the clip from the server when this browser lost it, and keeps it again', async () => {
		const { parts, server, begin, reopen } = setup();
		server.clip = someClip;
		server.file = file;
		const session = begin();
		await session.open(file);
		await uploaded(session);
		await kept(session);
		await session.close();
		const { file: id } = (await parts.store.get(session.id))!;
		await parts.files.remove(id!);

		const again = await reopen(session.id);
		expect(again.state).toBe('ready');
		expect(parts.api.clipFile).toHaveBeenCalledOnce();
		await vi.waitFor(async () => expect((await parts.store.get(session.id))!.file).not.toBe(id));
	});

	it('is whole when it is closed right after it was opened', async () => {
		const { parts, server, begin } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		session.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await session.prompting.settled();
		await session.close();
		const saved = (await parts.store.get(session.id))!;
		expect((await parts.files.get(saved.file!))?.size).toBe(4);
		expect(await parts.store.thumbnail(session.id)).toBeDefined();
		expect((await parts.store.prompts(session.id))!.marks).toHaveLength(1);
	});

	it('writes nothing when nothing has changed, nor while another tab writes', async () => {
		const { parts, server, begin, reopen } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		await uploaded(session);
		await kept(session);
		await session.close();
		const { updated } = (await parts.store.get(session.id))!;

		const again = await reopen(session.id);
		await uploaded(again);
		await again.close();
		expect((await parts.store.get(session.id))!.updated).toBe(updated);

		const watching = begin((await parts.store.get(session.id))!);
		watching.lockedOut = true;
		await watching.open();
		watching.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await watching.prompting.settled();
		await watching.close();
		expect(await parts.store.prompts(session.id)).toBeUndefined();
	});

	it('follows what the tab that writes it saves', async () => {
		const { parts, server, begin } = setup();
		server.clip = someClip;
		const writer = begin();
		await writer.open(file);
		await uploaded(writer);
		await kept(writer);
		await writer.save();
		const watching = begin((await parts.store.get(writer.id))!);
		watching.lockedOut = true;
		await watching.open();

		writer.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await writer.prompting.settled();
		writer.setOptions({ feather: 5 });
		await writer.save();
		await watching.follow();
		expect(watching.prompting.ready).toBe(true);
		expect(watching.options.feather).toBe(5);
	});

	it('goes on where the tab that has written it left it', async () => {
		const { parts, server, begin } = setup();
		server.clip = someClip;
		const writer = begin();
		await writer.open(file);
		await kept(writer);
		const second = begin((await parts.store.get(writer.id))!);
		second.lockedOut = true;
		await second.open();
		expect(second.upload).toBeUndefined();
		writer.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await writer.prompting.settled();
		await writer.close();

		await second.takeUp();
		expect(second.lockedOut).toBe(false);
		expect(second.upload?.state.kind).toBe('done');
		second.prompting.add({ kind: 'point', x: 2, y: 1, positive: true });
		await second.prompting.settled();
		await second.close();
		expect((await parts.store.prompts(writer.id))!.marks[0]!.prompts).toHaveLength(2);
	});

	it('keeps what is tracked as it comes, so that a killed tab loses next to nothing', async () => {
		const { parts, server, begin, reopen } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		await kept(session);
		session.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await session.prompting.settled();
		session.prompting.trackRequest();
		await session.save();
		session.prompting.takeTracked(1, new Map([[1, mask]]));
		await vi.waitFor(async () => expect(await parts.store.trackedFrames(session.id)).toBe(1), 3000);

		const again = await reopen(session.id);
		expect(again.prompting.masksAt(1)).toMatchObject([{ target: 1, mask, from: 'tracking' }]);
		expect(again.prompting.staleFrom(1)).toBeUndefined();
		again.prompting.add({ kind: 'point', x: 2, y: 1, positive: true });
		expect(again.prompting.staleFrom(1)).toBe(1);
		again.prompting.dropTracked(0, 1);
		await again.close();
		expect(await parts.store.trackedFrames(session.id)).toBe(0);
	});

	it('says once that there is no room for what is tracked, and writes it when there is', async () => {
		const { parts, server, warn, begin } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		await kept(session);
		const full = vi.spyOn(parts.store, 'putTracked').mockRejectedValue(appError('storage-full'));
		session.prompting.takeTracked(0, new Map([[1, mask]]));
		await session.save();
		session.prompting.takeTracked(1, new Map([[1, mask]]));
		await session.save();
		expect(warn).toHaveBeenCalledExactlyOnceWith({ code: 'storage-full', params: {} });
		full.mockRestore();
		await session.save();
		expect(await parts.store.trackedFrames(session.id)).toBe(2);
	});

	it('shows what another tab tracks, and writes none of it', async () => {
		const { parts, server, begin } = setup();
		server.clip = someClip;
		const writer = begin();
		await writer.open(file);
		await kept(writer);
		const watching = begin((await parts.store.get(writer.id))!);
		watching.lockedOut = true;
		await watching.open();
		writer.prompting.takeTracked(0, new Map([[1, mask]]));
		await writer.save();
		const written = vi.spyOn(parts.store, 'putTracked');
		await watching.follow();
		expect(watching.prompting.trackedRanges(1)).toEqual([[0, 0]]);
		writer.prompting.dropTracked(0, 0);
		writer.prompting.takeTracked(1, new Map([[1, mask]]));
		await writer.close();
		written.mockClear();
		await watching.takeUp();
		expect(watching.prompting.trackedRanges(1)).toEqual([[1, 1]]);
		await watching.close();
		expect(written).not.toHaveBeenCalled();
	});

	it('asks for the file when it is nowhere any more, and takes no other', async () => {
		const { parts, server, begin, reopen } = setup();
		server.clip = someClip;
		const session = begin();
		await session.open(file);
		await uploaded(session);
		await kept(session);
		session.prompting.add({ kind: 'point', x: 1, y: 1, positive: true });
		await session.prompting.settled();
		await session.close();
		await parts.files.remove((await parts.store.get(session.id))!.file!);

		const again = await reopen(session.id);
		expect(again.state).toBe('missing');
		await again.supply(new File(['longer'], 'clip.mp4'));
		expect(again.error).toEqual({ code: 'clip-other', params: { name: 'clip.mp4' } });
		parts.hash.mockResolvedValueOnce('f'.repeat(64));
		await again.supply(new File(['pilc'], 'clip.mp4'));
		expect(again.state).toBe('missing');
		await again.supply(file);
		expect(again.state).toBe('ready');
		expect(again.prompting.ready).toBe(true);
	});

	it('refuses a clip over the limits before anything is sent', async () => {
		const { parts, begin } = setup();
		parts.connection.health = someHealth({
			limits: { seconds: 0.05, shortSide: 1080, bytes: 100, chunkBytes: 100 }
		});
		const session = begin();
		await session.open(file);
		expect(session.state).toBe('failed');
		expect(session.error).toEqual({ code: 'clip-too-long', params: { seconds: 0.08, limit: 0.05 } });
		expect(session.upload).toBeUndefined();
		await session.close();
		expect(await parts.store.list()).toEqual([]);
	});

	it('says once that the browser keeps nothing, and works on', async () => {
		const { parts, server, warn, begin } = setup();
		server.clip = someClip;
		vi.spyOn(parts.store, 'put').mockRejectedValue(appError('storage-refused'));
		const session = begin();
		await session.open(file);
		await session.save();
		await session.save();
		expect(session.state).toBe('ready');
		expect(warn).toHaveBeenCalledExactlyOnceWith({ code: 'storage-refused', params: {} });
	});
});
