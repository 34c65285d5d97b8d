// npm run dev: the server, restarted when its code changes, and Vite's development server in front of it.
import { spawn } from 'node:child_process';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const tsx = ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'server/main.ts'];
const vite = ['node_modules/vite/bin/vite.js', 'dev', ...process.argv.slice(2)];
// Vite sends the page's calls on to this port (vite.config.ts), so the server must not move to another.
const env = { ...process.env, PORT: process.env.PORT ?? '8787' };
const children = [tsx, vite].map((args) =>
	spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env })
);
const stop = () => children.forEach((child) => child.kill());
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (const child of children) child.on('exit', stop);
