import { run } from './run.ts';
import { openTerminal } from './terminal.ts';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());
process.exitCode = await run(process.argv.slice(2), openTerminal(), interrupt.signal);
