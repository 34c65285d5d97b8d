import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
	clip,
	job,
	outputKind,
	trackJob,
	type AnyJob,
	type Clip,
	type OutputKind,
	type TrackResult
} from '../protocol/schema.ts';
import { readJson, writeJson } from './json.ts';

type ResultKind = OutputKind | TrackResult['kind'];

const sessionFile = z.object({
	job: z.union([trackJob, job]),
	clip,
	/** The results' names on the disk, which hold nothing that a client chose. */
	files: z.partialRecord(z.union([outputKind, trackJob.shape.results.element.shape.kind]), z.string())
});

/** A job with what belongs to it on the disk. Its folder is `sessions/ID`. */
export interface Session {
	job: AnyJob;
	readonly clip: Clip;
	files: Partial<Record<ResultKind, string>>;
}

/**
 * The sessions on the disk: `session.json`, `request.json` (what was asked for beside that), the clip, `outputs/`, and `unfinished/` (what
 * a job that did not end well can go on from).
 */
export class SessionStore {
	readonly #sessions = new Map<string, Session>();
	/** Writes go one after the other, so that the newest state is the last one written. */
	#writing: Promise<unknown> = Promise.resolve();

	private constructor(private readonly directory: string) {}

	/** Reads the sessions of an earlier run. A folder without a readable `session.json` is what a crash left, and is removed. */
	static async open(directory: string, onBroken: (id: string) => void): Promise<SessionStore> {
		const store = new SessionStore(directory);
		for (const id of await readdir(directory)) {
			const session = await readJson(join(directory, id, 'session.json'), sessionFile).catch(() => undefined);
			if (session?.job.id === id) store.#sessions.set(id, session);
			else {
				onBroken(id);
				await rm(join(directory, id), { recursive: true, force: true });
			}
		}
		return store;
	}

	/** Every session, newest first. */
	all(): Session[] {
		return [...this.#sessions.values()].sort((a, b) => b.job.created - a.job.created);
	}

	get(id: string): Session | undefined {
		return this.#sessions.get(id);
	}

	/**
	 * Makes a session. It is known at once, and on the disk when the promise resolves.
	 * @param asked what is kept of the request beside the job
	 * @param clipPath of the clip, of which the session keeps a link, so that it stays as long as the session does
	 */
	async create(session: Session, asked: unknown, clipPath: string): Promise<void> {
		const { id } = session.job;
		this.#sessions.set(id, session);
		try {
			await mkdir(this.#folder(id));
			await linkOrCopy(clipPath, this.input(session));
			await writeJson(join(this.#folder(id), 'request.json'), asked);
			await this.save(session);
		} catch (error) {
			await this.remove(id);
			throw error;
		}
	}

	/** Writes a session's newest state. */
	async save(session: Session): Promise<void> {
		const write = this.#writing.then(() => {
			if (!this.#sessions.has(session.job.id)) return;
			return writeJson(join(this.#folder(session.job.id), 'session.json'), session);
		});
		this.#writing = write.catch(() => {});
		return write;
	}

	async remove(id: string): Promise<void> {
		this.#sessions.delete(id);
		await this.#writing;
		await rm(this.#folder(id), { recursive: true, force: true });
	}

	/** What of the request is kept beside the job. */
	async saved<T>(id: string, schema: z.ZodType<T>): Promise<T> {
		const saved = await readJson(join(this.#folder(id), 'request.json'), schema);
		if (saved === undefined) throw new Error(`session ${id} has lost its request.json`);
		return saved;
	}

	/** The session's own link to the clip. */
	input({ job, clip }: Session): string {
		return join(this.#folder(job.id), `input.${clip.container}`);
	}

	/** The folder of a session's results. */
	outputs(id: string): string {
		return join(this.#folder(id), 'outputs');
	}

	/** The folder of what a job can go on from; it need not be there. */
	unfinished(id: string): string {
		return join(this.#folder(id), 'unfinished');
	}

	async clearUnfinished(id: string): Promise<void> {
		await rm(this.unfinished(id), { recursive: true, force: true });
	}

	/** Makes the folder of the results anew, empty. */
	async clearOutputs(id: string): Promise<string> {
		const folder = this.outputs(id);
		await rm(folder, { recursive: true, force: true });
		await mkdir(folder);
		return folder;
	}

	#folder(id: string): string {
		return join(this.directory, id);
	}
}

/** Some file systems have no links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
	try {
		await link(from, to);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
		await copyFile(from, to);
	}
}
