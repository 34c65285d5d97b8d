import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const server = `http://127.0.0.1:${process.env.PORT ?? 8787}`;

// SharedArrayBuffer (threads in WebAssembly) needs a page that is isolated from other origins.
const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp'
};

export default defineConfig({
	plugins: [
		tailwindcss(),
		sveltekit(),
		paraglideVitePlugin({
			project: './project.inlang',
			outdir: './src/lib/i18n/paraglide',
			strategy: ['localStorage', 'preferredLanguage', 'baseLocale']
		})
	],
	worker: { format: 'es' },
	// ONNX Runtime's threads load its own file: it must stay apart from our code.
	resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
	optimizeDeps: {
		exclude: ['@ffmpeg/ffmpeg', '@ffmpeg/util', 'onnxruntime-web'],
		// Only workers import these, which Vite would notice too late and then reload the page.
		include: [
			...['@techstark/opencv-js', 'comlink', 'hash-wasm', 'mediabunny'],
			...['@bufbuild/protobuf', 'onnx-buf', 'onnxruntime-common']
		]
	},
	server: {
		headers: isolation,
		// The workers lie beside src, which is all that SvelteKit lets the dev server hand out.
		fs: { allow: ['workers', 'models', 'server/protocol'] },
		proxy: { '/api': { target: server, ws: true } }
	},
	preview: { headers: isolation },
	test: {
		include: ['{models,server,src,workers,tests}/**/*.test.ts'],
		// As Node does it: OpenCV.js has a `then` of its own, and vitest's interop would wait for it for ever.
		deps: { interopDefault: false },
		// Vitest would leave one processor idle: of two, half of them.
		maxWorkers: '100%',
		testTimeout: 60_000,
		hookTimeout: 60_000
	}
});
