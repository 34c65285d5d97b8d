import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Files } from '$lib/storage/files.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import { someClip, someHash, someHealth, someJob } from '$lib/testing/fakes.ts';
import { appError } from '$protocol/errors.ts';
import type { JobRequest } from '$protocol/schema.ts';
import { sendOutbox } from './outbox.ts';
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
		isOpen: vi.fn(() => false)
	};
	return { saved, sessions, parts };
}

describe('sendOutbox', () => {
	it('sends what a session waits for, once', async () => {
		const { saved, sessions, parts } = await setup();
		await sendOutbox(parts);
		await sendOutbox(parts);
		expect(parts.jobs.create).toHaveBeenCalledExactlyOnceWith(wanted);
		const now = await sessions.get(saved.id);
		expect(now).toMatchObject({ jobs: ['new'], uploaded: true });
		expect(now!.wanted).toBeUndefined();
	});

	it('keeps the wish when the server is gone again', async () => {
		const { saved, sessions, parts } = await setup();
		parts.jobs.create.mockRejectedValueOnce(appError('server-away'));
		await expect(sendOutbox(parts)).rejects.toMatchObject({ code: 'server-away' });
		expect((await sessions.get(saved.id))!.wanted).toEqual(wanted);
	});

	it('leaves an open session to itself', async () => {
		const { parts } = await setup();
		parts.isOpen.mockReturnValue(true);
		await sendOutbox(parts);
		expect(parts.jobs.create).not.toHaveBeenCalled();
	});
});
