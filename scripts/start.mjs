// npm start: installs what is missing, builds the page when it is out of date, and serves it.
import { spawn } from 'node:child_process';
import { ensureBuild, ensurePackages, root } from './setup.mjs';

const args = process.argv.slice(2);
ensurePackages();
if (!args.includes('--help')) ensureBuild();

const server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', ...args], {
	cwd: root,
	stdio: 'inherit'
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
