import type { Job } from '$protocol/schema.ts';

const localPrefix = 'local-';

/** The id of a job that this browser does itself. */
export function localId(key: string): string {
	return localPrefix + key.slice(0, 16);
}

/** Whether a job is this browser's own, of which the server knows nothing. */
export function isLocal({ id }: Pick<Job, 'id'>): boolean {
	return id.startsWith(localPrefix);
}
