import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { hubEndpoint } from '../models/registry.ts';
import type { Limits } from './protocol/schema.ts';

/** The folder that holds `server/`, `build/` and, unless told otherwise, `workspace/`. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

const MiB = 2 ** 20;
/** The initial value comes first. */
const logLevels = ['info', 'fatal', 'error', 'warn', 'debug', 'trace', 'silent'] as const;
const gpuProviders = ['cuda', 'webgpu'] as const;

/** One thing that can be set: by an environment variable, or by its name in the configuration file. */
interface Setting<T> {
	readonly env: string;
	readonly schema: z.ZodType<T>;
	readonly initial: T;
	/** What a value must be, to follow the words "must be". */
	readonly expects: string;
	readonly help: string;
	/** Reads the environment variable's text. */
	readonly read: (text: string) => unknown;
}

function integer(
	env: string,
	[min, max]: readonly [number, number],
	initial: number,
	help: string
): Setting<number> {
	return {
		env,
		schema: z.number().int().min(min).max(max),
		initial,
		expects: `a whole number from ${min} to ${max}`,
		help,
		read: (text) => (text.trim() === '' ? text : Number(text))
	};
}

function text(env: string, initial: string, help: string): Setting<string> {
	return { env, schema: z.string().min(1), initial, expects: 'some text', help, read: (value) => value };
}

function names(env: string, help: string): Setting<readonly string[]> {
	return {
		env,
		schema: z.array(z.string().min(1)),
		initial: [],
		expects: 'a list of names (in a variable: separated by commas)',
		help,
		read: listed
	};
}

/** One of some values, the first of which is the initial one. */
function choice<T extends string>(env: string, values: readonly [T, ...T[]], help: string): Setting<T> {
	return {
		...{ env, help, initial: values[0], schema: z.enum(values) as unknown as z.ZodType<T> },
		expects: `one of ${values.join(', ')}`,
		read: (value) => value
	};
}

/** Some of these values, all of them at first. */
function choices<T extends string>(env: string, values: readonly T[], help: string): Setting<readonly T[]> {
	return {
		...{ env, help, initial: values, schema: z.array(z.enum(values)) as unknown as z.ZodType<T[]> },
		expects: `a list of any of ${values.join(', ')} (in a variable: separated by commas)`,
		read: listed
	};
}

function listed(text: string): string[] {
	return text
		.split(',')
		.map((name) => name.trim())
		.filter(Boolean);
}

const settings = {
	port: integer('PORT', [0, 65535], 8787, 'port to listen on; 0 for any free one'),
	host: text('HOST', '127.0.0.1', 'address to listen on; 0.0.0.0 to serve other machines'),
	allowedHosts: names(
		'SPLAZMATTE_ALLOWED_HOSTS',
		'names, besides localhost and IP addresses, under which browsers may reach the server'
	),
	allowedOrigins: names(
		'SPLAZMATTE_ALLOWED_ORIGINS',
		'origins of other pages that may call the server, such as https://tools.example'
	),
	workspace: text('SPLAZMATTE_WORKSPACE', 'workspace', 'folder for clips, sessions and results'),
	weights: text('SPLAZMATTE_WEIGHTS', 'models/.weights', 'folder for the weights of models'),
	hub: {
		...text('HF_ENDPOINT', hubEndpoint, 'address of the Hugging Face Hub, or of a mirror of it'),
		schema: z.url({ protocol: /^https?$/ }),
		expects: `an address such as ${hubEndpoint}`
	},
	hubToken: {
		...text('HF_TOKEN', '', 'access token of the hub, for models that it hands out to some accounts only'),
		schema: z.string()
	},
	maxSeconds: integer('SPLAZMATTE_MAX_SECONDS', [1, 86_400], 60, 'longest clip, in seconds'),
	maxShortSide: integer(
		'SPLAZMATTE_MAX_SHORT_SIDE',
		[16, 16_384],
		1080,
		"largest clip: pixels of the picture's shorter side"
	),
	maxBytes: integer('SPLAZMATTE_MAX_BYTES', [1024, 2 ** 45], 2048 * MiB, 'largest file, in bytes'),
	chunkBytes: integer(
		'SPLAZMATTE_CHUNK_BYTES',
		[64 * 1024, 64 * MiB],
		8 * MiB,
		'most bytes in one request of an upload'
	),
	concurrency: integer('SPLAZMATTE_CONCURRENCY', [1, 16], 1, 'matting jobs that run at a time'),
	memoryBudget: integer(
		'SPLAZMATTE_MEMORY_BUDGET',
		[64 * MiB, 2 ** 50],
		Math.floor(totalmem() / 2),
		'bytes of memory that engines may hold: idle ones are ended for others, what answers prompts last; jobs that need more are refused'
	),
	gpuMemoryBudget: integer(
		'SPLAZMATTE_GPU_MEMORY_BUDGET',
		[0, 2 ** 50],
		0,
		"bytes of the graphics card's memory for engines; 0 for nine tenths of it"
	),
	providers: choices(
		'SPLAZMATTE_PROVIDERS',
		gpuProviders,
		'what networks may compute on besides the CPU: the first that works is taken'
	),
	precision: choice(
		'SPLAZMATTE_PRECISION',
		['auto', 'float32', 'float16'],
		'what networks compute in; auto: float16 on CUDA, else float32'
	),
	threads: integer(
		'SPLAZMATTE_THREADS',
		[0, 1024],
		0,
		'threads of a network on the CPU; 0 for one on each processor'
	),
	promptMinutes: integer(
		'SPLAZMATTE_PROMPT_MINUTES',
		[1, 1440],
		5,
		'minutes that a frame stays ready for the next prompt'
	),
	promptMemory: integer(
		'SPLAZMATTE_PROMPT_MEMORY',
		[0, 2 ** 50],
		1024 * MiB,
		'bytes of memory for frames that are ready for prompts, at most eight; the one asked last always stays'
	),
	keepSessions: integer('SPLAZMATTE_KEEP_SESSIONS', [1, 100_000], 100, 'sessions that are kept'),
	keepHours: integer('SPLAZMATTE_KEEP_HOURS', [1, 87_600], 168, 'hours that a session is kept'),
	uploadHours: integer('SPLAZMATTE_UPLOAD_HOURS', [1, 8760], 24, 'hours that a stopped upload is kept'),
	logLevel: choice('SPLAZMATTE_LOG_LEVEL', logLevels, 'what to log')
};

type Settings = typeof settings;
type Values = { readonly [Name in keyof Settings]: Settings[Name]['initial'] };

/** Everything that can be set. `portGiven` tells whether someone asked for this port. */
export type Config = Values & { readonly portGiven: boolean };

/** A wrong setting; the message says which and what it must be. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
}

/** The settings that nobody changed. */
export const defaultConfig: Config = {
	...(Object.fromEntries(
		Object.entries(settings).map(([name, { initial }]) => [name, initial])
	) as unknown as Values),
	workspace: join(projectRoot, settings.workspace.initial),
	weights: join(projectRoot, settings.weights.initial),
	portGiven: false
};

/**
 * Reads the settings: environment variables first, then the configuration file, then the initial values.
 * @param env the environment
 * @param directory where `splazmatte.config.json` is looked for, and what relative paths start from
 * @throws ConfigError
 */
export function loadConfig(env: NodeJS.ProcessEnv, directory: string = projectRoot): Config {
	const [file, fromFile] = readConfigFile(env, directory);
	for (const name of Object.keys(fromFile)) {
		if (!(name in settings)) throw new ConfigError(`${file}: there is no setting "${name}"`);
	}
	const values = Object.entries(settings).map(([name, setting]) => {
		const given = env[setting.env];
		if (given !== undefined) return [name, check(setting, setting.read(given), setting.env)];
		if (name in fromFile) return [name, check(setting, fromFile[name], `${file}: "${name}"`)];
		return [name, setting.initial];
	});
	const config = Object.fromEntries(values) as Values;
	return {
		...config,
		workspace: resolve(directory, config.workspace),
		weights: resolve(directory, config.weights),
		portGiven: env.PORT !== undefined || 'port' in fromFile
	};
}

function check(setting: Setting<unknown>, value: unknown, name: string): unknown {
	const { success, data } = setting.schema.safeParse(value);
	if (success) return data;
	const shown = typeof value === 'number' && Number.isNaN(value) ? 'not a number' : JSON.stringify(value);
	throw new ConfigError(`${name} must be ${setting.expects}; it is ${shown}`);
}

function readConfigFile(env: NodeJS.ProcessEnv, directory: string): [string, Record<string, unknown>] {
	const named = env.SPLAZMATTE_CONFIG;
	const file = named ? resolve(named) : join(directory, 'splazmatte.config.json');
	if (!existsSync(file)) {
		if (named) throw new ConfigError(`SPLAZMATTE_CONFIG names a file that is not there: ${file}`);
		return [file, {}];
	}
	try {
		return [file, z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')))];
	} catch (error) {
		const why = error instanceof SyntaxError ? `: ${error.message}` : ', an object with settings';
		throw new ConfigError(`${file} must be JSON${why}`, { cause: error });
	}
}

/** What the server takes from clients, as the page is told. */
export function limitsOf({ maxSeconds, maxShortSide, maxBytes, chunkBytes }: Config): Limits {
	return { seconds: maxSeconds, shortSide: maxShortSide, bytes: maxBytes, chunkBytes };
}

/** The text of `--help`. */
export function helpText(): string {
	const rows = Object.entries(settings).map(([name, { env, initial, help }]) => {
		const shown = String(initial) || '(none)';
		return `  ${env.padEnd(28)} ${name.padEnd(15)} ${help} [${shown}]`;
	});
	return [
		'SplazMatte: cuts people and things out of video clips.',
		'',
		'Usage: npm start [-- --help]',
		'',
		'Settings are environment variables, or names in splazmatte.config.json beside package.json',
		'(or in the file that SPLAZMATTE_CONFIG names). Variables win. In brackets: the initial value.',
		'',
		`  ${'Variable'.padEnd(28)} ${'In the file'.padEnd(15)} Meaning`,
		...rows
	].join('\n');
}
