import type { Api } from '$lib/api/client.ts';
import type { Files } from '$lib/storage/files.ts';
import { SessionLock } from '$lib/storage/session-lock.ts';
import type { Sessions } from '$lib/storage/sessions.ts';
import type { Jobs } from './jobs.svelte.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { Upload, type Hash } from './upload.svelte.ts';

interface Parts {
	readonly api: Pick<Api, 'clip'>;
	readonly connection: Pick<ServerConnection, 'online' | 'suspect' | 'health'>;
	readonly jobs: Pick<Jobs, 'create'>;
	readonly sessions: Pick<Sessions, 'list' | 'get' | 'put'>;
	readonly files: Pick<Files, 'get'>;
	readonly hash: Hash;
	/** Whether this tab has the session open; it sends what that one waits for itself. */
	readonly isOpen: (id: string) => boolean;
}

/**
 * Sends what saved sessions were asked for while the server was away. A session that any tab has open is left to that tab.
 * @throws CodedError
 */
export async function sendOutbox(parts: Parts): Promise<void> {
	for (const { id, wanted } of await parts.sessions.list()) {
		if (!wanted || parts.isOpen(id)) continue;
		const lock = new SessionLock(id, { won() {}, lost() {}, async leaving() {} });
		try {
			if (await lock.open()) await send(id, parts);
		} finally {
			await lock.close();
		}
	}
}

async function send(id: string, { api, connection, jobs, sessions, files, hash }: Parts): Promise<void> {
	const saved = await sessions.get(id);
	if (!saved?.wanted) return;
	const file = saved.file === undefined ? undefined : await files.get(saved.file);
	if (file) {
		const upload = new Upload(file, saved.name, { api, connection, hash });
		await upload.run(saved.hash);
		if (upload.state.kind !== 'done') return;
	}
	const job = await jobs.create(saved.wanted);
	await sessions.put({
		...saved,
		uploaded: true,
		wanted: undefined,
		jobs: [...saved.jobs.filter((other) => other !== job.id), job.id],
		updated: Date.now()
	});
}
