import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createServer, defaultClientConditions } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp'
};

/**
 * Serves a page that runs our networks by themselves, without the rest of SplazMatte.
 * @param files what is served besides, by the path of its address
 * @param scratch a folder for what is made meanwhile
 */
export function serveNetworks(files: Readonly<Record<string, string>>, scratch: string) {
	return servePage('networks', scratch, files);
}

/**
 * Serves a page that runs a part of SplazMatte by itself.
 * @param folder of the page, beside this one
 * @param scratch a folder for what is made meanwhile
 * @param files what is served besides, by the path of its address
 */
export async function servePage(
	folder: string,
	scratch: string,
	files: Readonly<Record<string, string>> = {}
): Promise<{ readonly address: string; close(): Promise<void> }> {
	const server = await createServer({
		...{ root, configFile: false, logLevel: 'error', appType: 'mpa' },
		cacheDir: join(scratch, 'vite'),
		plugins: [
			svelte({ configFile: false }),
			{
				name: 'files',
				configureServer: ({ middlewares }) => {
					for (const [path, file] of Object.entries(files))
						middlewares.use(path, (_, answer) => createReadStream(file).pipe(answer));
				}
			}
		],
		resolve: {
			alias: {
				$lib: join(root, 'src/lib'),
				$models: join(root, 'models'),
				$protocol: join(root, 'server/protocol'),
				$workers: join(root, 'workers')
			},
			conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions]
		},
		optimizeDeps: { exclude: ['onnxruntime-web'], noDiscovery: true },
		worker: { format: 'es' },
		server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, headers: isolation }
	});
	await server.listen();
	return {
		address: `${server.resolvedUrls!.local[0]}tests/e2e/${folder}/index.html`,
		close: () => server.close()
	};
}
