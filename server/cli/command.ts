import { UsageError } from './args.ts';
import { matteUsage, readMatte, type MatteCommand } from './matte-args.ts';
import { readSegment, segmentUsage, type SegmentCommand } from './segment-args.ts';

const commands = {
	matte: { usage: matteUsage, read: readMatte },
	segment: { usage: segmentUsage, read: readSegment }
} as const;
type CommandName = keyof typeof commands;

export type Command = MatteCommand | SegmentCommand | { readonly name: 'help'; readonly usage: string };

const usage = `Usage: splazmatte COMMAND CLIP [options]

Commands:
  segment    says which pixels are the target, on one frame or on all, and writes masks
  matte      cuts the target out finely, and writes its alpha and foreground

"splazmatte COMMAND --help" tells all about one.

Exit status: 0 done, 1 failed, 2 the command line is wrong, 3 nothing was found, 130 interrupted.`;

/**
 * Reads the command line of `splazmatte`, without the program's name.
 * @throws UsageError
 */
export function parseCommand(argv: readonly string[]): Command {
	const [name, ...rest] = argv;
	if (rest.some(isHelp) || (name !== undefined && isHelp(name)))
		return { name: 'help', usage: usageOf(argv) };
	if (name === undefined || name.startsWith('-')) throw new UsageError('No command was given.');
	if (!isCommand(name)) throw new UsageError(`There is no command "${name}".`);
	return commands[name].read(rest);
}

/** How the command that is meant is written. */
export function usageOf([name = '']: readonly string[]): string {
	return isCommand(name) ? commands[name].usage : usage;
}

function isHelp(word: string): boolean {
	return word === '--help' || word === '-h';
}

function isCommand(name: string): name is CommandName {
	return Object.hasOwn(commands, name);
}
