import type { PhraseReading } from '../engines/phrase-reading.ts';
import { phraseRequest } from '../protocol/phrases.ts';
import { routes } from '../protocol/routes.ts';
import { jsonReply, readJson, type Router } from './router.ts';

const REQUEST_BYTES = 32 * 1024;

/** Adds the route by which browsers that run SAM 3 themselves have phrases read. */
export function addPhrasesApi(router: Router, phrases: PhraseReading): void {
	router.on(
		'POST',
		routes.phrases,
		async ({ body, request }) => {
			const { words } = await readJson(body, phraseRequest);
			return jsonReply(await phrases.read(words, request.signal));
		},
		REQUEST_BYTES
	);
}
