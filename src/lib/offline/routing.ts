/**
 * The path under which the answer to a request is kept.
 * @param origin of the page
 * @returns undefined for what is never kept, and goes to the network as if there were no service worker: the API, other origins,
 * everything but GET
 */
export function keptPath(
	{ method, mode, url }: Pick<Request, 'method' | 'mode' | 'url'>,
	origin: string
): string | undefined {
	const { origin: asked, pathname } = new URL(url);
	if (method !== 'GET' || asked !== origin || /^\/api(\/|$)/.test(pathname)) return undefined;
	// One page answers every address that is not a file's, as on the server.
	const isFile = /\.[^/]*$/.test(pathname);
	return mode === 'navigate' && !isFile ? '/' : pathname;
}
