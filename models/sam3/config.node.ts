import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import { parseSam3Config, type Sam3Config } from './config.ts';

/**
 * Reads the `config.json` that lies beside a checkpoint's weights.
 * @throws CodedError `model-damaged` when there is none, `weights-damaged` when it cannot be read, `weights-other` when it is another model's
 */
export async function readSam3Config(folder: string): Promise<Sam3Config> {
	return parseSam3Config(await readJson(folder, 'config.json'));
}

/**
 * Reads a file of JSON that lies beside a checkpoint's weights.
 * @throws CodedError `model-damaged` when there is none, `weights-damaged` when it is no JSON
 */
export async function readJson(folder: string, file: string): Promise<unknown> {
	const text = await readFile(join(folder, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
		throw cause.code === 'ENOENT' ? modelError('model-damaged', { name: 'SAM 3', file }, { cause }) : cause;
	});
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw modelError('weights-damaged', { file, reason: (cause as Error).message }, { cause });
	}
}
