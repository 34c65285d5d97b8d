import type { Translating } from '../engines/translating.ts';
import { routes } from '../protocol/routes.ts';
import { translateRequest } from '../protocol/translate.ts';
import { jsonReply, readJson, type Router } from './router.ts';

const REQUEST_BYTES = 8192;

/** Adds the route by which words are put into English. */
export function addTranslateApi(router: Router, translating: Translating): void {
	router.on(
		'POST',
		routes.translate,
		async ({ body, request }) => {
			const { words } = await readJson(body, translateRequest);
			return jsonReply(await translating.translate(words, request.signal));
		},
		REQUEST_BYTES
	);
}
