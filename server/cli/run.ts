import { existsSync } from 'node:fs';
import { CodedError } from '../../models/errors.ts';
import { ConfigError } from '../config.ts';
import { UsageError } from './args.ts';
import { parseCommand, usageOf, type Command } from './command.ts';
import { matte } from './matte.ts';
import { segment } from './segment.ts';
import type { Terminal } from './terminal.ts';

const status = { done: 0, failed: 1, usage: 2, nothing: 3, interrupted: 130 } as const;

/**
 * Does what the command line of `splazmatte` says.
 * @param argv without the program's name
 * @returns the exit status
 */
export async function run(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
	try {
		await execute(parseCommand(argv), terminal, signal);
		return status.done;
	} catch (error) {
		if (signal.aborted) {
			terminal.tell(terminal.words.say('interrupted'));
			return status.interrupted;
		}
		if (error instanceof UsageError) {
			terminal.tell(`${error.message}\n\n${usageOf(argv)}`);
			return status.usage;
		}
		if (error instanceof ConfigError) {
			terminal.tell(error.message);
			return status.usage;
		}
		terminal.tell(terminal.words.error(error));
		return error instanceof CodedError && error.code === 'no-match' ? status.nothing : status.failed;
	}
}

async function execute(command: Command, terminal: Terminal, signal: AbortSignal): Promise<void> {
	if (command.name === 'help') return terminal.print(command.usage);
	const masks = command.name === 'matte' && 'masks' in command.target ? [command.target.masks] : [];
	const lost = [command.clip, ...masks].find((file) => !existsSync(file));
	if (lost !== undefined) throw new UsageError(terminal.words.say('no-file', { file: lost }));
	return command.name === 'matte' ? matte(command, terminal, signal) : segment(command, terminal, signal);
}
