import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { listOfflineFiles } from './scripts/offline-files.mjs';

// One static page that the server hands out for every path that is neither a file nor under /api.
const page = adapter({ fallback: 'index.html' });

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	kit: {
		adapter: {
			name: page.name,
			async adapt(builder) {
				await page.adapt(builder);
				await listOfflineFiles('build');
			}
		},
		// The page does so itself, since it tells of new versions (src/lib/state/updates.svelte.ts).
		serviceWorker: { register: false },
		alias: {
			$workers: 'workers',
			$models: 'models',
			$protocol: 'server/protocol'
		}
	}
};
