// npm test: installs what is missing, then lint, types, unit tests, the build, and the end-to-end tests in Chromium.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureBuild, ensurePackages, giveUp, root, run, say } from './setup.mjs';

ensurePackages();
const { ensureChromium } = await import('./chromium.mjs');
const chromium = ensureChromium();
if (!chromium) {
	giveUp(
		'No Chromium was found or could be installed. Install Chromium or Chrome, or set CHROMIUM_PATH to its program.'
	);
}

const reports = path.join(root, 'test-results');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const unitReport = path.join(reports, 'unit.json');
const pageReport = path.join(reports, 'e2e.json');
const node = (script, ...args) => run(process.execPath, [path.join('node_modules', script), ...args]);

const steps = [
	['Generated types', () => node('@sveltejs/kit/svelte-kit.js', 'sync')],
	['Page', () => (ensureBuild(), 0)],
	['Lint', () => node('eslint/bin/eslint.js', '.', '--max-warnings=0')],
	['Format', () => node('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')],
	[
		'Types',
		() => node('svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings')
	],
	[
		'Unit tests',
		() =>
			node(
				'vitest/vitest.mjs',
				'run',
				'--reporter=default',
				'--reporter=json',
				`--outputFile.json=${unitReport}`
			)
	],
	[
		'End-to-end tests',
		() =>
			run(process.execPath, ['node_modules/@playwright/test/cli.js', 'test'], {
				CHROMIUM_PATH: chromium,
				PLAYWRIGHT_JSON_OUTPUT_FILE: pageReport
			})
	]
];

const failures = [];
for (const [name, step] of steps) {
	say(name);
	if (step() !== 0) failures.push(name);
}

const unit = read(unitReport);
const page = read(pageReport)?.stats;
const passed = (unit?.numPassedTests ?? 0) + (page?.expected ?? 0) + (page?.flaky ?? 0);
const failed = Math.max((unit?.numFailedTests ?? 0) + (page?.unexpected ?? 0), failures.length);
const skipped = (unit?.numPendingTests ?? 0) + (page?.skipped ?? 0);
if (failures.length > 0) console.error(`\x1b[31m✘\x1b[0m Failed: ${failures.join(', ')}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failures.length > 0 ? 1 : 0);

function read(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}
