import { engines } from '$models/registry.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { Notice } from '$protocol/schema.ts';
import { formatBytes, formatNumber } from './format.ts';
import { m } from './paraglide/messages.js';

type Params = Readonly<Record<string, string | number>>;
type Words = (params: Params) => string;

const words = m as unknown as Readonly<Record<string, Words | undefined>>;

/** The key of a code's message: `clip-too-long` with the prefix `error` is `error_clip_too_long`. */
export function messageKey(prefix: string, code: string): string {
	return `${prefix}_${code.replaceAll('-', '_')}`;
}

/**
 * The words for a code of the protocol (an engine, a stage, an output and so on).
 * @throws Error when there are none, which a test excludes for all codes
 */
export function say(prefix: string, code: string, params: Params = {}): string {
	const message = words[messageKey(prefix, code)];
	if (!message) throw new Error(`no message ${messageKey(prefix, code)}`);
	return message(params);
}

/** Codes whose numbers are bytes. */
const inBytes: readonly string[] = [
	'clip-too-large',
	'upload-too-large',
	'package-too-large',
	'masks-too-large',
	'disk-space'
];

/** What happened and what to do, in the user's language. */
export function errorMessage({ code, params }: ErrorBody): string {
	return say('error', code, readable(code, params));
}

/** What a user should know of a finished job, in the user's language. */
export function noticeMessage({ code, params }: Notice): string {
	return say('notice', code, readable(code, params));
}

function readable(code: string, params: Params): Params {
	const format = inBytes.includes(code) ? formatBytes : (value: number) => formatNumber(value, 1);
	const read = (name: string, value: string | number) => {
		if (typeof value === 'number') return format(value);
		if (code === 'prompt-unknown' && name === 'kind') return say('prompt_kind', value);
		const isNamed = (name === 'engine' || name === 'segmenter') && isEngine(value);
		return isNamed ? say('engine', `${value}-name`) : value;
	};
	return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, read(name, value)]));
}

function isEngine(text: string): boolean {
	return engines.some(({ id }) => id === text);
}
