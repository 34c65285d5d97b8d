import { mkdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './json.ts';

/** The folder in which everything lies that the server keeps. */
export interface Workspace {
	readonly root: string;
	/** Whole clips, `HASH.EXT`, with what is known of each, `HASH.json`. */
	readonly clips: string;
	/** Uploads under way, `ID.part` and `ID.json`. */
	readonly uploads: string;
	/** One folder for each job. */
	readonly sessions: string;
}

/** Makes the workspace's folders where they are missing. */
export async function openWorkspace(root: string): Promise<Workspace> {
	const workspace = {
		root,
		clips: join(root, 'clips'),
		uploads: join(root, 'uploads'),
		sessions: join(root, 'sessions')
	};
	for (const folder of Object.values(workspace)) await mkdir(folder, { recursive: true });
	return workspace;
}

/** Bytes that can still be written to the disk of a path. */
export async function freeSpace(path: string): Promise<number> {
	const { bavail, bsize } = await statfs(path);
	return bavail * bsize;
}

const owner = z.object({ pid: z.number(), address: z.string(), epoch: z.string() });

/** Another server works in the workspace. */
export class WorkspaceInUseError extends Error {
	override readonly name = 'WorkspaceInUseError';

	constructor(
		readonly root: string,
		readonly address: string
	) {
		super(`SplazMatte already runs at ${address} and works in ${root}.`);
	}
}

/**
 * Refuses a workspace that another server works in: two would each take the other's jobs for interrupted ones. A file that a
 * crashed server left is told by asking: only a live owner answers with the epoch that it wrote there.
 * @throws WorkspaceInUseError
 */
export async function checkUnowned({ root }: Workspace): Promise<void> {
	const other = await readJson(ownerFile(root), owner).catch(() => undefined);
	if (!other) return;
	const epoch = await fetch(new URL('/api/health', other.address), { signal: AbortSignal.timeout(2000) })
		.then((response) => response.json() as Promise<{ epoch?: unknown }>)
		.then((health) => health.epoch)
		.catch(() => undefined);
	if (epoch === other.epoch) throw new WorkspaceInUseError(root, other.address);
}

/** Says in the workspace that this server works in it. */
export async function own({ root }: Workspace, address: string, epoch: string): Promise<void> {
	await writeJson(ownerFile(root), { pid: process.pid, address, epoch });
}

/** Takes that back, if no other server has taken over. */
export async function disown({ root }: Workspace, epoch: string): Promise<void> {
	const text = await readFile(ownerFile(root), 'utf8').catch(() => '');
	if (text.includes(epoch)) await rm(ownerFile(root), { force: true });
}

const ownerFile = (root: string) => join(root, 'server.json');
