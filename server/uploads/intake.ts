import { rm } from 'node:fs/promises';
import { CodedError } from '../../models/errors.ts';
import { appError } from '../protocol/errors.ts';
import type { ClipStore } from '../store/clips.ts';
import type { ClipFacts } from './probe.ts';
import type { Upload, UploadStore } from './store.ts';

export interface IntakeParts {
	readonly uploads: UploadStore;
	readonly clips: ClipStore;
	readonly probe: (path: string) => Promise<ClipFacts>;
}

/**
 * Makes a clip of an upload that is complete; of one that became a clip before, again the same. A file that is refused is removed.
 * Must be called while nothing else works on the upload.
 * @returns the clip's hash
 * @throws CodedError `upload-hash`, and why the file is refused
 */
export async function intake(upload: Upload, { uploads, clips, probe }: IntakeParts): Promise<string> {
	const { clip, length, filename } = upload.facts;
	if (clip !== undefined) return clip;
	try {
		const hash = await upload.sha256();
		if (upload.facts.sha256 !== undefined && upload.facts.sha256 !== hash) throw appError('upload-hash');
		if (clips.get(hash)) await rm(upload.part, { force: true });
		else await clips.add({ hash, bytes: length, ...(await probe(upload.part)) }, upload.part);
		await upload.settle(hash);
		return hash;
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		await uploads.remove(upload);
		throw error.code === 'clip-not-video' ? appError('clip-not-video', { name: filename }) : error;
	}
}
