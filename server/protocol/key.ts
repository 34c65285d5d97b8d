import { engines } from '../../models/registry.ts';
import type { JobRequest } from './schema.ts';

/** What makes a result: everything but the clip's name. */
export type ResultMaking = Pick<JobRequest, 'clip' | 'keyframes' | 'engine' | 'options' | 'outputs'>;

/**
 * What makes a result, as one text: the clip's hash, the masks, the engine and its revision, the options, the outputs and the program's
 * version. The order in which keyframes and outputs are listed changes nothing. The SHA-256 of this text in UTF-8, in
 * hexadecimal, is the result's key, in browser and server alike.
 * @param version the program's
 */
export function describeResult(
	making: ResultMaking,
	version: string,
	revision: string = engines.find(({ id }) => id === making.engine)!.revision
): string {
	const { clip, engine, options } = making;
	const keyframes = [...making.keyframes].sort((a, b) => a.time - b.time);
	const outputs = [...new Set(making.outputs)].sort();
	return canonicalJson({ clip, keyframes, engine, revision, options, outputs, version });
}

/** JSON in which equal values are equal texts: the names of an object in order. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_name, part: unknown) =>
		part !== null && typeof part === 'object' && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part
	);
}
