import { saveAs } from '$lib/save-as.ts';
import { exportSession, sessionFileName } from '$lib/session-file/export.ts';
import { importSession } from '$lib/session-file/import.ts';
import { collectSession, storeSession, type Stores } from '$lib/session-file/transfer.ts';
import type { WorkOptions } from '$lib/session-file/work.ts';
import type { Hash } from './upload.svelte.ts';

/** What is under way. */
export interface Transferring {
	readonly kind: 'export' | 'import';
	/** Of the session, or of the file. */
	readonly name: string;
}

export interface TransferParts {
	readonly stores: Stores;
	/** This program's version. */
	readonly program: string;
	readonly hash: Hash;
	/** Tells the user of what went wrong. */
	readonly tell: (error: unknown) => void;
	readonly save?: (file: Blob, name: string) => void;
}

/** Moves one session at a time into a file, or out of one. */
export class Transfer {
	running = $state.raw<Transferring>();
	/** From 0 to 1. */
	share = $state(0);
	#abort = new AbortController();

	constructor(private readonly parts: TransferParts) {}

	/** Lets the user save a session as a file, with the clip if that is wanted. Never rejects. */
	async export(id: string, name: string, wanted: { readonly clip: boolean }): Promise<void> {
		const { stores, program, hash, save = saveAs } = this.parts;
		await this.#run({ kind: 'export', name }, async (options) => {
			const portable = await collectSession(id, stores, wanted);
			const file = await exportSession(portable, { program, hash, ...options });
			save(file, sessionFileName(portable.session));
		});
	}

	/** Keeps the session of a file. Resolves to its id, or to nothing when that failed, which is told, or was given up. */
	import(file: File): Promise<string | undefined> {
		const { stores, program, hash } = this.parts;
		return this.#run({ kind: 'import', name: file.name }, async ({ onProgress, signal }) => {
			// It is read once to be checked, and once to be kept.
			const half = (before: number) => (share: number) => onProgress?.(before + share / 2);
			const portable = await importSession(file, { program, hash, onProgress: half(0), signal });
			const session = await storeSession(portable, stores, { onProgress: half(0.5), signal });
			return session.id;
		});
	}

	cancel(): void {
		this.#abort.abort();
	}

	async #run<T>(what: Transferring, work: (options: WorkOptions) => Promise<T>): Promise<T | undefined> {
		if (this.running) return undefined;
		this.#abort = new AbortController();
		const { signal } = this.#abort;
		this.share = 0;
		this.running = what;
		try {
			return await work({ onProgress: (share) => (this.share = share), signal });
		} catch (error) {
			if (!signal.aborted) this.parts.tell(error);
			return undefined;
		} finally {
			this.running = undefined;
		}
	}
}
