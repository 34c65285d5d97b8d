import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputKind, Result } from '../../protocol/schema.ts';

/** A result under its working name, `NAME.part`, until it is whole. */
export class PartFile {
	private readonly final: string;
	readonly path: string;

	constructor(
		directory: string,
		private readonly file: string,
		private readonly kind: OutputKind,
		private readonly mime: string
	) {
		this.final = join(directory, file);
		this.path = `${this.final}.part`;
	}

	/** Waits until the file's content is on the disk. */
	async sync(): Promise<void> {
		const handle = await open(this.path, 'r+');
		try {
			await handle.sync();
		} finally {
			await handle.close();
		}
	}

	async publish(): Promise<Result> {
		await rename(this.path, this.final);
		const { size } = await stat(this.final);
		return { kind: this.kind, file: this.file, bytes: size, mime: this.mime };
	}

	/** Removes the file under either name. */
	async remove(): Promise<void> {
		await rm(this.path, { force: true });
		await rm(this.final, { force: true });
	}
}
