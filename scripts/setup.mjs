// What `npm start` and `npm test` need before anything else can run; uses nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Says what is being done. */
export function say(text) {
	console.log(`\x1b[36m▸\x1b[0m ${text}`);
}

/** Ends the program with a message that says what to do. */
export function giveUp(text) {
	console.error(`\x1b[31m✘\x1b[0m ${text}`);
	process.exit(1);
}

/** Runs a program to its end, its output shown; answers its exit status. */
export function run(command, args, env = {}) {
	const { status, error } = spawnSync(command, args, {
		cwd: root,
		stdio: 'inherit',
		env: { ...process.env, ...env },
		shell: process.platform === 'win32'
	});
	if (error) console.error(error.message);
	return status ?? 1;
}

/** Checks Node's version and installs the npm packages when they are missing or older than the lock file. */
export function ensurePackages() {
	const [major, minor] = process.versions.node.split('.').map(Number);
	if (major < 20 || (major === 20 && minor < 19)) {
		giveUp(
			`SplazMatte needs Node 20.19 or newer; this is ${process.versions.node}. Get it from https://nodejs.org`
		);
	}
	const installed = path.join(root, 'node_modules/.package-lock.json');
	if (existsSync(installed) && newest('package-lock.json') <= statSync(installed).mtimeMs) return;
	say('Installing npm packages (npm ci); the first time takes a minute or two');
	if (run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']) !== 0) {
		giveUp('npm ci failed: see above. The npm registry must be reachable.');
	}
}

/** Builds the page when a file that it is made from is newer than the last build. */
export function ensureBuild() {
	const built = path.join(root, 'build/index.html');
	const sources = ['src', 'workers', 'models', 'server/protocol', 'static', 'messages', 'package-lock.json'];
	const configs = ['vite.config.ts', 'svelte.config.js', 'project.inlang/settings.json'];
	if (existsSync(built) && Math.max(...[...sources, ...configs].map(newest)) <= statSync(built).mtimeMs)
		return;
	say('Building the page');
	const bin = path.join(root, 'node_modules/vite/bin/vite.js');
	if (run(process.execPath, [bin, 'build', '--logLevel', 'warn']) !== 0)
		giveUp('The build failed: see above.');
}

/** Time of the newest change of a file or of any file in a folder, generated ones left out. */
function newest(name) {
	const file = path.join(root, name);
	const stat = statSync(file);
	if (!stat.isDirectory()) return stat.mtimeMs;
	return readdirSync(file)
		.filter((entry) => entry !== 'paraglide' && !entry.startsWith('.'))
		.map((entry) => newest(path.join(name, entry)))
		.reduce((a, b) => Math.max(a, b), 0);
}
