import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import type { Clip, Job, JobState } from '../protocol/schema.ts';
import { ClipStore } from '../store/clips.ts';
import { SessionStore } from '../store/sessions.ts';
import { openWorkspace, type Workspace } from '../store/workspace.ts';
import { EventLog } from './events.ts';
import { sweep } from './retention.ts';

const HOUR = 3_600_000;
let root: string;
let workspace: Workspace;
let sessions: SessionStore;
let clips: ClipStore;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-retention-'));
	workspace = await openWorkspace(root);
	sessions = await SessionStore.open(workspace.sessions, () => {});
	clips = await ClipStore.open(workspace.clips);
});
afterEach(() => rm(root, { recursive: true }));

async function addClip(letter: string): Promise<Clip> {
	const file = join(root, 'upload');
	await writeFile(file, letter);
	const facts = {
		width: 4,
		height: 2,
		pixelAspect: 1,
		duration: 1,
		frames: 10,
		frameRate: 10,
		codec: 'h264',
		audio: false
	};
	const clip: Clip = { hash: letter.repeat(64), bytes: 1, container: 'mp4', ...facts };
	await clips.add(clip, file);
	return clip;
}

/** A session that ended so many hours ago. */
async function addSession(id: string, clip: Clip, hoursAgo: number, state: JobState = 'done'): Promise<void> {
	const created = Date.now() - hoursAgo * HOUR;
	const job: Job = {
		...{ id, key: 'f'.repeat(64), clip: clip.hash, name: 'clip.mp4', engine: 'classic', state },
		...{ options: defaultMatteOptions, outputs: ['alpha'], results: [], notices: [] },
		...{ created, finished: state === 'done' ? created : undefined }
	};
	await sessions.create({ job, clip, files: {} }, [], clips.path(clip));
}

const clean = (now = Date.now()) =>
	sweep(
		{
			...{ sessions, clips, events: new EventLog(), keepSessions: 2, keepHours: 100 },
			isBusy: (id) => ['queued', 'running'].includes(sessions.get(id)!.job.state)
		},
		now
	);
const left = () => sessions.all().map(({ job }) => job.id);

describe('retention', () => {
	it('removes what is too old or too many, but nothing that is under way', async () => {
		const clip = await addClip('a');
		await addSession('waiting', clip, 500, 'queued');
		await addSession('old', clip, 101);
		await addSession('third', clip, 30);
		await addSession('second', clip, 20);
		await addSession('first', clip, 10);
		await clean();
		expect(left()).toEqual(['first', 'second', 'waiting']);
		expect((await readdir(workspace.sessions)).sort()).toEqual(['first', 'second', 'waiting']);
	});

	it('removes a clip once no session needs it and it was not used for long', async () => {
		const needed = await addClip('a');
		const unused = await addClip('b');
		await addSession('waiting', needed, 0, 'queued');
		await clean(Date.now() + 99 * HOUR);
		expect(clips.get(unused.hash)).toBeDefined();
		await clean(Date.now() + 101 * HOUR);
		expect(clips.get(unused.hash)).toBeUndefined();
		expect(clips.get(needed.hash)).toBeDefined();
		expect((await readdir(workspace.clips)).every((name) => name.startsWith('a'))).toBe(true);
	});

	it('finds the same again after a restart, without what a crash left', async () => {
		const clip = await addClip('a');
		await addSession('whole', clip, 1);
		await addSession('broken', clip, 1);
		await rm(join(workspace.sessions, 'broken', 'session.json'));
		await writeFile(join(workspace.clips, `${'c'.repeat(64)}.mp4`), 'a clip without its facts');
		const broken: string[] = [];
		sessions = await SessionStore.open(workspace.sessions, (id) => broken.push(id));
		clips = await ClipStore.open(workspace.clips);
		expect(left()).toEqual(['whole']);
		expect(broken).toEqual(['broken']);
		expect(clips.get(clip.hash)).toEqual(clip);
		expect(await readdir(workspace.clips)).toHaveLength(2);
		await expect(readdir(join(workspace.sessions, 'broken'))).rejects.toThrow();
	});
});
