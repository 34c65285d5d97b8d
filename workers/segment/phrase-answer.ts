import { appError, errorBody } from '../../server/protocol/errors.ts';
import { fromBase64 } from '../../models/base64.ts';
import { phraseAnswer } from '../../server/protocol/phrases.ts';
import { routes } from '../../server/protocol/routes.ts';

/** Milliseconds after which a server that does not answer counts as away: it may have to load the text encoder first. */
const PATIENCE = 60_000;

export interface ReadPhrase {
	/** SHA-256 of the weights that read it. */
	readonly weights: string;
	/** A token after the other: [n, C]. */
	readonly tokens: Float32Array;
}

/**
 * Has the server read a phrase.
 * @throws CodedError `server-away`, `answer-invalid`, and what the server says
 */
export async function askPhrase(words: string): Promise<ReadPhrase> {
	const request: RequestInit = {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ words }),
		signal: AbortSignal.timeout(PATIENCE)
	};
	const { status, ok, json } = await fetch(routes.phrases, request)
		.then(async (answer) => ({ status: answer.status, ok: answer.ok, json: await answer.text() }))
		.catch((error: unknown) => {
			throw appError('server-away', {}, { cause: error });
		});
	const told = parse(json);
	const answer = phraseAnswer.safeParse(told);
	if (ok && answer.success) {
		const bytes = fromBase64(answer.data.tokens);
		return { weights: answer.data.weights, tokens: new Float32Array(bytes.slice().buffer) };
	}
	const refusal = errorBody.safeParse(told);
	if (!ok && refusal.success) throw appError(refusal.data.code, refusal.data.params);
	throw appError(status >= 500 ? 'server-away' : 'answer-invalid', {}, { cause: status });
}

function parse(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return undefined;
	}
}
