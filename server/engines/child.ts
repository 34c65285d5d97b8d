import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/**
 * Starts a TypeScript module in a process of its own, with a channel for messages. The module must end when the channel does (`disconnect`),
 * so that nothing outlives the server.
 * @param onLine gets every line that it prints
 */
export function forkModule(
	module: URL,
	args: readonly string[],
	onLine: (line: string) => void
): ChildProcess {
	const child = fork(fileURLToPath(module), args, {
		execArgv: ['--import', tsx],
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		// Ctrl+C in a terminal goes to every process of its group; the server decides when this one ends.
		detached: true
	});
	for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', onLine);
	return child;
}
