import { readJson } from '../weights/read-json.node.ts';
import { parseSam3Config, type Sam3Config } from './config.ts';

/**
 * Reads the `config.json` that lies beside a checkpoint's weights.
 * @throws CodedError `model-damaged` when there is none, `weights-damaged` when it cannot be read, `weights-other` when it is another model's
 */
export async function readSam3Config(folder: string): Promise<Sam3Config> {
	return parseSam3Config(await readJson(folder, 'config.json', 'SAM 3'));
}
