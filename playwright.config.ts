import { defineConfig } from '@playwright/test';

export default defineConfig({
	testDir: 'tests/e2e',
	// One file of tests goes on while the other waits for its server or its browser.
	workers: 2,
	// Two cores have much to do then. What passes only the second time is told as flaky, and is to be looked into.
	retries: 1,
	timeout: 180_000,
	expect: { timeout: 30_000 },
	reporter: [['list'], ...(process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['json'] as const] : [])],
	outputDir: 'test-results/e2e',
	use: {
		viewport: { width: 1440, height: 900 },
		// It fetches all of the page's code for each test's new browser: only for what is about it (`withServiceWorker`).
		serviceWorkers: 'block',
		screenshot: 'only-on-failure',
		// Without a picture of every step: a browser that draws without a graphics card would take long over them.
		trace: { mode: 'retain-on-failure', screenshots: false },
		launchOptions: {
			executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
			args: [
				'--no-sandbox',
				'--disable-quic',
				'--disable-background-networking',
				'--use-gl=angle',
				'--use-angle=swiftshader',
				'--enable-unsafe-swiftshader'
			]
		}
	}
});
