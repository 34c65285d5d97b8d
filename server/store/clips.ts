import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { clip as clipSchema, sha256, type Clip } from '../protocol/schema.ts';
import { readJson, writeJson } from './json.ts';

/** The containers that are taken, by the name that `probe` gives them. */
const containers: Record<string, { readonly extension: string; readonly mime: string }> = {
	mp4: { extension: 'mp4', mime: 'video/mp4' },
	mov: { extension: 'mov', mime: 'video/quicktime' },
	avi: { extension: 'avi', mime: 'video/x-msvideo' },
	matroska: { extension: 'mkv', mime: 'video/x-matroska' },
	webm: { extension: 'webm', mime: 'video/webm' }
};

/** The clips on the disk, each named by the SHA-256 of its bytes. */
export class ClipStore {
	readonly #clips = new Map<string, Clip>();

	private constructor(private readonly directory: string) {}

	/** Reads what is there; a clip's bytes without its facts, or the other way round, are what a crash left and are removed. */
	static async open(directory: string): Promise<ClipStore> {
		const store = new ClipStore(directory);
		const names = await readdir(directory);
		for (const name of names) {
			const hash = name.slice(0, 64);
			if (!sha256.safeParse(hash).success || store.#clips.has(hash)) continue;
			const clip = await readJson(join(directory, `${hash}.json`), clipSchema).catch(() => undefined);
			if (clip && names.includes(fileName(clip))) store.#clips.set(hash, clip);
			else await rm(join(directory, name), { force: true });
		}
		return store;
	}

	get(hash: string): Clip | undefined {
		return this.#clips.get(hash);
	}

	/** Absolute path of a clip's bytes. */
	path(clip: Clip): string {
		return join(this.directory, fileName(clip));
	}

	mime(clip: Clip): string {
		return containers[clip.container]!.mime;
	}

	/** Takes a whole file over as a clip. The facts are written last: with them the clip is there. */
	async add(clip: Clip, file: string): Promise<void> {
		if (!(clip.container in containers)) throw new RangeError(`a clip of container ${clip.container}`);
		await rename(file, this.path(clip));
		await writeJson(this.#facts(clip.hash), clip);
		this.#clips.set(clip.hash, clip);
	}

	/** Says that a clip was just used, which puts its removal off. */
	async touch(hash: string): Promise<void> {
		const now = new Date();
		await utimes(this.#facts(hash), now, now).catch(() => {});
	}

	/** Removes clips that nothing refers to and that were last used before `before` (milliseconds since 1970). */
	async sweep(before: number, isReferred: (hash: string) => boolean): Promise<void> {
		for (const clip of [...this.#clips.values()]) {
			if (isReferred(clip.hash)) continue;
			const used = await stat(this.#facts(clip.hash)).catch(() => undefined);
			if (used && used.mtimeMs >= before) continue;
			this.#clips.delete(clip.hash);
			await rm(this.#facts(clip.hash), { force: true });
			await rm(this.path(clip), { force: true });
		}
	}

	#facts(hash: string): string {
		return join(this.directory, `${hash}.json`);
	}
}

function fileName({ hash, container }: Clip): string {
	return `${hash}.${containers[container]!.extension}`;
}
