import { ConfigError, helpText, loadConfig, type Config } from './config.ts';
import { PortInUseError } from './http/transport.ts';
import { startServer, type RunningServer } from './server.ts';
import { WorkspaceInUseError } from './store/workspace.ts';

/** Says what is wrong, in plain words, and ends. */
function quit(message: string, exitCode: number): never {
	console.error(message);
	process.exit(exitCode);
}

function readConfig(): Config {
	const [unknown] = process.argv.slice(2);
	if (unknown !== undefined) quit(`There is no option ${unknown}; see --help.`, 2);
	try {
		return loadConfig(process.env);
	} catch (error) {
		if (error instanceof ConfigError) quit(`${error.message}\nSee --help for all settings.`, 2);
		throw error;
	}
}

async function start(config: Config): Promise<RunningServer> {
	try {
		return await startServer(config);
	} catch (error) {
		if (error instanceof PortInUseError) quit(`${error.message} Set another one, such as PORT=8788.`, 1);
		if (error instanceof WorkspaceInUseError) {
			quit(`${error.message} Use that one, or set another SPLAZMATTE_WORKSPACE.`, 1);
		}
		return quit((error as Error).message, 1);
	}
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
	console.log(helpText());
	process.exit();
}
const config = readConfig();
const server = await start(config);
if (server.portMoved) console.log(`Port ${config.port} is taken; using the next free one.`);
console.log(`SplazMatte runs at ${server.address}`);

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.on(signal, () => {
		// A second Ctrl+C does not wait.
		if (stopping) process.exit(1);
		stopping = true;
		console.log('Stopping.');
		void server.close().then(() => process.exit());
	});
}
process.on('unhandledRejection', (err) => server.log.error({ err }, 'unhandled rejection'));
