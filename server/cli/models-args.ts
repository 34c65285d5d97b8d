import { parseArgs } from 'node:util';
import type { FloatType } from '../../models/onnx/types.ts';
import { findModel, models, type ModelInfo } from '../../models/registry.ts';
import { UsageError } from './args.ts';

export const modelsUsage = `Usage: npm run models -- COMMAND [ID] [options]

Installs the weights of models, which the engines need that are more than the classic one.

Commands:
  list                every model: what is here of it, its size and licence
  show ID             all about one model
  pull ID             downloads it, or what is missing of it
  verify ID           reads its files and compares them with what was downloaded
  remove ID           deletes its files
  make-stand-in ID    writes weights from a formula, to try and measure without the trained ones; what they answer means nothing

Options of pull:
  --accept-licence    you have read the model's licence and accept it
  --revision NAME     branch, tag or commit of the model's own repository (default main)
  --token TOKEN       access token of the hub, for models that it hands out to some accounts only (or set HF_TOKEN)
  --endpoint URL      address of the hub or of a mirror of it (or set HF_ENDPOINT)
Options of make-stand-in:
  --gain N            scales the weights (default 1)
  --half              writes all of them in half precision, which takes less room on the disk

Models: ${models.map(({ id }) => id).join(', ')}
They are kept in models/.weights, or where SPLAZMATTE_WEIGHTS says. Files that you put into the folder of a model's id there count too.

Exit status: 0 done, 1 failed, 2 the command line is wrong, 130 interrupted.`;

export type ModelsCommand =
	| { readonly name: 'help' | 'list' }
	| { readonly name: 'show' | 'verify' | 'remove'; readonly model: ModelInfo }
	| {
			readonly name: 'make-stand-in';
			readonly model: ModelInfo;
			readonly gain: number;
			/** What the weights are stored in; as the authors publish them when undefined. */
			readonly dtype: FloatType | undefined;
	  }
	| {
			readonly name: 'pull';
			readonly model: ModelInfo;
			readonly acceptLicence: boolean;
			readonly revision: string | undefined;
			readonly token: string | undefined;
			readonly endpoint: string | undefined;
	  };

const string = { type: 'string' } as const;
/** Which options each command takes. */
const commandOptions: Record<Exclude<ModelsCommand['name'], 'help'>, readonly string[]> = {
	list: [],
	show: [],
	pull: ['accept-licence', 'revision', 'token', 'endpoint'],
	verify: [],
	remove: [],
	'make-stand-in': ['gain', 'half']
};

/**
 * Reads the command line of `npm run models`, without the program's name.
 * @throws UsageError
 */
export function parseModelsCommand(argv: readonly string[]): ModelsCommand {
	const { values, positionals } = parse(argv);
	if (values.help) return { name: 'help' };
	const [name, id, ...rest] = positionals;
	if (name === undefined) throw new UsageError('No command was given.');
	if (!isCommand(name)) throw new UsageError(`There is no command "${name}".`);
	const foreign = Object.keys(values).find((option) => !commandOptions[name].includes(option));
	if (foreign !== undefined) throw new UsageError(`"${name}" has no option --${foreign}.`);
	const extra = name === 'list' ? id : rest[0];
	if (extra !== undefined) throw new UsageError(`"${extra}" is too much.`);
	if (name === 'list') return { name };

	const model = whichModel(name, id);
	if (name === 'make-stand-in') {
		return { name, model, gain: gain(values.gain ?? '1'), dtype: values.half ? 'float16' : undefined };
	}
	if (name !== 'pull') return { name, model };
	const { revision, token, endpoint } = values;
	if (endpoint !== undefined && !/^https?:\/\//.test(endpoint)) {
		throw new UsageError(`--endpoint takes an address such as https://huggingface.co, not "${endpoint}".`);
	}
	return { name, model, acceptLicence: values['accept-licence'] ?? false, revision, token, endpoint };
}

function parse(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			allowPositionals: true,
			options: {
				'accept-licence': { type: 'boolean' },
				revision: string,
				token: string,
				endpoint: string,
				gain: string,
				half: { type: 'boolean' },
				help: { type: 'boolean', short: 'h' }
			}
		});
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

function isCommand(name: string): name is keyof typeof commandOptions {
	return Object.hasOwn(commandOptions, name);
}

function whichModel(command: string, id: string | undefined): ModelInfo {
	const ids = models.map((model) => model.id).join(', ');
	if (id === undefined) throw new UsageError(`Which model is meant? "${command}" takes one of ${ids}.`);
	const model = findModel(id);
	if (!model) throw new UsageError(`There is no model "${id}"; there are ${ids}.`);
	return model;
}

function gain(text: string): number {
	const value = text.trim() === '' ? NaN : Number(text);
	if (!(value > 0 && Number.isFinite(value)))
		throw new UsageError(`--gain takes a number above 0, not "${text}".`);
	return value;
}
