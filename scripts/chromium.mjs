// Finds a Chromium for the end-to-end tests, or installs one where that is possible.
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { run, say } from './setup.mjs';

const candidates = [
	process.env.CHROMIUM_PATH,
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:/Program Files/Google/Chrome/Application/chrome.exe'
];

function find() {
	return [...candidates, chromium.executablePath()].find((file) => file && existsSync(file));
}

/** The path of a Chromium or Chrome, installed now if there is none; undefined when that failed. */
export function ensureChromium() {
	const found = find();
	if (found) return found;
	if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
		say('Installing Chromium for the end-to-end tests (apt-get install chromium)');
		const env = { DEBIAN_FRONTEND: 'noninteractive' };
		run('apt-get', ['update', '-qq'], env);
		run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], env);
	} else {
		say('Installing Chromium for the end-to-end tests (playwright install chromium)');
		run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium']);
	}
	return find();
}
