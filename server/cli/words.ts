import { readFileSync } from 'node:fs';
import { CodedError } from '../../models/errors.ts';
import { toErrorBody, type ErrorBody } from '../protocol/errors.ts';
import type { Notice } from '../protocol/schema.ts';
import { formatBytes } from './bytes.ts';

const languages = { en: 'en', zh: 'zh' } as const;
type Language = keyof typeof languages;
type Params = Readonly<Record<string, string | number>>;

/** The terminal's language: Chinese where the environment says so, else English. */
export function terminalLanguage(env: NodeJS.ProcessEnv = process.env): Language {
	return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').startsWith('zh') ? 'zh' : 'en';
}

/** The sentences that only the terminal says. */
export const terminalCodes = [
	'ran',
	'ran-precision',
	'found',
	'found-more',
	'mask-made',
	'matted',
	'matted-tracked',
	'done',
	'sure',
	'seen',
	'interrupted',
	'no-file',
	'translated'
] as const;
export type TerminalCode = (typeof terminalCodes)[number];

/** The interface's own words for errors and notices, so that page and terminal say the same. */
export class Words {
	readonly #messages: Record<string, unknown>;

	constructor(language: Language = terminalLanguage()) {
		const file = new URL(`../../messages/${languages[language]}.json`, import.meta.url);
		this.#messages = JSON.parse(readFileSync(file, 'utf8'));
	}

	/** What happened and what to do; for a defect of ours, its own message. */
	error(error: unknown): string {
		const body = toErrorBody(error);
		if (body) return this.told(body);
		if (error instanceof CodedError) return error.message;
		return error instanceof Error ? (error.stack ?? error.message) : String(error);
	}

	told(error: ErrorBody): string {
		return this.#fill(`error_${error.code}`, this.#readable(error));
	}

	/** What a model is for. */
	modelAbout(id: string): string {
		return this.#fill(`model_${id}_about`, {});
	}

	/** What a licence asks of its user. */
	licenceTerms(id: string): string {
		return this.#fill(`licence_${id}_terms`, {});
	}

	notice({ code, params }: Notice): string {
		return this.#fill(`notice_${code}`, params);
	}

	/** What ran, and on what. */
	ran(name: string, { provider, precision }: { provider: string; precision?: string }): string {
		return precision
			? this.say('ran-precision', { name, provider, precision })
			: this.say('ran', { name, provider });
	}

	say(code: TerminalCode, params: Params = {}): string {
		return this.#fill(`terminal_${code}`, params);
	}

	/** Bytes in a unit that keeps them short, and kinds of prompts by their names. */
	#readable({ code, params }: ErrorBody): Params {
		if (code === 'prompt-unknown') return { ...params, kind: this.#fill(`prompt_kind_${params.kind}`, {}) };
		if (code !== 'disk-space') return params;
		return Object.fromEntries(
			Object.entries(params).map(([name, bytes]) => [name, formatBytes(Number(bytes))])
		);
	}

	#fill(code: string, params: Params): string {
		const text = this.#messages[code.replaceAll('-', '_')];
		if (typeof text !== 'string') return `${code} ${JSON.stringify(params)}`;
		return text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? `{${name}}`));
	}
}
