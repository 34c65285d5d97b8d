import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeMask, maskArea } from '../../models/mask.ts';
import type { TrackedFrame } from '../../models/segmenter.ts';
import { masksFormat, type MasksHeader, type MasksLine } from '../protocol/masks-file.ts';
import type { TrackResult } from '../protocol/schema.ts';

/** The clip's size and frames, and what tracked. */
type Facts = Omit<MasksHeader, keyof typeof masksFormat | 'frames' | 'targets'>;

/** One line of a draft: where it lies in it. */
interface Line {
	readonly start: number;
	readonly length: number;
}

/**
 * Writes the masks of a clip's frames as they are tracked, forward and then backward, into one file in the frames' order
 * (docs/masks-file.md). Two drafts grow on the disk, so that memory does not.
 */
export class MasksFile {
	readonly #backwardLines: Line[] = [];
	#newest = -1;
	#backwardEnd = 0;
	/** Frames on which each target is seen. */
	readonly #seen = new Map<number, number>();
	#frames = 0;

	private constructor(
		private readonly directory: string,
		private readonly file: string,
		private readonly forward: FileHandle,
		private readonly backward: FileHandle
	) {}

	/** @param name what the file's name begins with */
	static async open(directory: string, name: string): Promise<MasksFile> {
		const file = `${name}_masks.jsonl`;
		const draft = (part: string) => open(join(directory, `${file}.${part}.part`), 'wx+');
		return new MasksFile(directory, file, await draft('forward'), await draft('backward'));
	}

	/** Frames that were written. */
	get frames(): number {
		return this.#frames;
	}

	/** How many frames each target was seen on, by its id. */
	get seen(): ReadonlyMap<number, number> {
		return this.#seen;
	}

	/** @param time in seconds after the clip's first frame */
	async write({ index, masks }: TrackedFrame, time: number): Promise<void> {
		const runs: Record<number, readonly number[]> = {};
		for (const [id, mask] of masks) {
			const coded = encodeMask(mask);
			const isSeen = maskArea(coded) > 0;
			if (isSeen) runs[id] = coded.counts;
			this.#seen.set(id, (this.#seen.get(id) ?? 0) + Number(isSeen));
		}
		const told: MasksLine = { frame: index, time, masks: runs };
		const line = Buffer.from(`${JSON.stringify(told)}\n`);
		this.#frames++;
		if (index > this.#newest) {
			this.#newest = index;
			await this.forward.appendFile(line);
		} else {
			this.#backwardLines.push({ start: this.#backwardEnd, length: line.length });
			this.#backwardEnd += line.length;
			await this.backward.appendFile(line);
		}
	}

	/** Puts the file together and gives it its name. */
	async finish(facts: Facts): Promise<TrackResult> {
		const path = join(this.directory, this.file);
		const whole = await open(`${path}.part`, 'w');
		try {
			const targets = [...this.#seen].map(([id, frames]) => ({ id, frames }));
			const header: MasksHeader = { ...masksFormat, ...facts, frames: this.frames, targets };
			await whole.appendFile(`${JSON.stringify(header)}\n`);
			for (const { start, length } of this.#backwardLines.reverse()) {
				await whole.appendFile(await readWhole(this.backward, start, length));
			}
			await this.forward.sync();
			for await (const chunk of createReadStream(`${path}.forward.part`))
				await whole.appendFile(chunk as Buffer);
			await whole.sync();
		} finally {
			await whole.close();
		}
		await this.#closeDrafts();
		await rename(`${path}.part`, path);
		const { size } = await stat(path);
		return { kind: 'masks', file: this.file, bytes: size, mime: 'application/jsonl' };
	}

	/** Removes whatever was written. */
	async abort(): Promise<void> {
		await this.#closeDrafts();
		await rm(join(this.directory, `${this.file}.part`), { force: true });
	}

	async #closeDrafts(): Promise<void> {
		await Promise.all([this.forward.close(), this.backward.close()]);
		for (const part of ['forward', 'backward']) {
			await rm(join(this.directory, `${this.file}.${part}.part`), { force: true });
		}
	}
}

/** Reads a part of a draft. @throws Error when there is less of it than was written */
async function readWhole(file: FileHandle, start: number, length: number): Promise<Buffer> {
	const line = Buffer.allocUnsafe(length);
	let filled = 0;
	while (filled < length) {
		const { bytesRead } = await file.read(line, filled, length - filled, start + filled);
		if (bytesRead === 0) throw new Error(`a draft of masks ends after ${start + filled} bytes`);
		filled += bytesRead;
	}
	return line;
}
