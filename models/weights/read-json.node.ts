import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';

/**
 * Reads a file of JSON that lies beside a checkpoint's weights.
 * @param name the model's, to name it by
 * @throws CodedError `model-damaged` when there is none, `weights-damaged` when it is no JSON
 */
export async function readJson(folder: string, file: string, name: string): Promise<unknown> {
	const text = await readFile(join(folder, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
		throw cause.code === 'ENOENT' ? modelError('model-damaged', { name, file }, { cause }) : cause;
	});
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw modelError('weights-damaged', { file, reason: (cause as Error).message }, { cause });
	}
}
