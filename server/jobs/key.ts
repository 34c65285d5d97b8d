import { createHash } from 'node:crypto';
import type { JobRequest } from '../protocol/schema.ts';

/** What makes a result besides what the client asks for. */
export interface Maker {
	/** The engine's revision (`models/registry.ts`). */
	readonly revision: string;
	/** The program's version. */
	readonly version: string;
}

/**
 * Names a result by what makes it: SHA-256, in hexadecimal, of the clip's hash, the masks, the engine and its revision, the options, the
 * outputs and the program's version. The clip's name, and the order in which keyframes and outputs are listed, change nothing.
 */
export function resultKey(request: JobRequest, { revision, version }: Maker): string {
	const { clip, engine, options } = request;
	const keyframes = [...request.keyframes].sort((a, b) => a.time - b.time);
	const outputs = [...new Set(request.outputs)].sort();
	const made = canonicalJson({ clip, keyframes, engine, revision, options, outputs, version });
	return createHash('sha256').update(made).digest('hex');
}

/** JSON in which equal values are equal texts: the names of an object in order. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_name, part: unknown) =>
		part !== null && typeof part === 'object' && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part
	);
}
