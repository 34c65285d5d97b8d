import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
export async function serveNetworks(
	files: Readonly<Record<string, string>>,
	scratch: string
): Promise<{ readonly address: string; close(): Promise<void> }> {
	const server = await createServer({
		...{ root, configFile: false, logLevel: 'error', appType: 'mpa' },
		cacheDir: join(scratch, 'vite'),
		plugins: [
			{
				name: 'files',
				configureServer: ({ middlewares }) => {
					for (const [path, file] of Object.entries(files))
						middlewares.use(path, (_, answer) => createReadStream(file).pipe(answer));
				}
			}
		],
		resolve: {
			alias: { $models: join(root, 'models') },
			conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions]
		},
		optimizeDeps: { exclude: ['onnxruntime-web'], noDiscovery: true },
		worker: { format: 'es' },
		server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, headers: isolation }
	});
	await server.listen();
	return {
		address: `${server.resolvedUrls!.local[0]}tests/e2e/networks/index.html`,
		close: () => server.close()
	};
}
