import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Files } from '$lib/storage/files.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import { someClip, someHash, someHealth, someJob } from '$lib/testing/fakes.ts';
import { appError } from '$protocol/errors.ts';
import type { JobRequest } from '$protocol/schema.ts';
import { Outbox } from './outbox.ts';
import { newSession } from './session.svelte.ts';

const wanted: JobRequest = {
	clip: someHash,
	name: 'clip.mp4',
	keyframes: [{ time: 0, mask: { width: 4, height: 2, counts: [3, 2, 3] } }],
	engine: 'classic',
	options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
	outputs: ['alpha', 'foreground']
};

let number = 0;
async function setup() {
	const database = openDatabase(`outbox-${number++}`);
	const sessions = new Sessions(database);
	const files = new Files(database);
	const saved: SavedSession = {
		...newSession('clip.mp4', 4),
		...{ hash: someHash, wanted, updated: 1 },
		file: await files.put(new Blob(['clip']))
	};
	await sessions.put(saved);
	const parts = {
		api: { clip: vi.fn(async () => someClip) },
		connection: { online: async () => {}, suspect: vi.fn(), health: someHealth() },
		jobs: { create: vi.fn(async () => someJob({ id: 'new' })) },
		...{ sessions, files },
		hash: async () => someHash,
		tell: vi.fn()
	};
	return { saved, sessions, parts, outbox: new Outbox(parts) };
}

describe('Outbox', () => {
	it('sends what a session waits for, once', async () => {
		const { saved, sessions, parts, outbox } = await setup();
		await outbox.send();
		await outbox.send();
		expect(parts.jobs.create).toHaveBeenCalledExactlyOnceWith(wanted);
		const now = await sessions.get(saved.id);
		expect(now).toMatchObject({ jobs: ['new'], uploaded: true });
		expect(now!.wanted).toBeUndefined();
	});

	it('keeps the wish when the server is gone again', async () => {
		const { saved, sessions, parts, outbox } = await setup();
		parts.jobs.create.mockRejectedValueOnce(appError('server-away'));
		await outbox.send();
		expect((await sessions.get(saved.id))!.wanted).toEqual(wanted);
		await outbox.send();
		expect((await sessions.get(saved.id))!.wanted).toBeUndefined();
	});

	it('tells what the server refuses, and goes on with the others', async () => {
		const { saved, sessions, parts, outbox } = await setup();
		await sessions.put({ ...saved, id: 'other', updated: 2 });
		parts.jobs.create.mockRejectedValueOnce(appError('disk-full'));
		await outbox.send();
		expect(parts.tell).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'disk-full' }));
		const states = await Promise.all(['other', saved.id].map((id) => sessions.get(id)));
		expect(states.map((state) => [state!.jobs, state!.wanted])).toEqual([
			[[], undefined],
			[['new'], undefined]
		]);
	});

	it('leaves a session that is opened meanwhile, and changes nothing in it', async () => {
		const { saved, sessions, parts, outbox } = await setup();
		parts.api.clip.mockImplementation(() => new Promise(() => {}));
		void outbox.send();
		await vi.waitFor(() => expect(parts.api.clip).toHaveBeenCalled());
		await outbox.release(saved.id);
		await sessions.put({ ...saved, title: 'changed' });
		expect(parts.jobs.create).not.toHaveBeenCalled();
		expect((await sessions.get(saved.id))!.title).toBe('changed');
	});
});
