import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	kit: {
		// One static page that the server hands out for every path that is neither a file nor under /api.
		adapter: adapter({ fallback: 'index.html' }),
		alias: {
			$workers: 'workers',
			$models: 'models',
			$protocol: 'server/protocol'
		}
	}
};
