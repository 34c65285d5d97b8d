import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { modelError } from '../errors.ts';
import type { ModelId } from '../registry.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';

const matAnyone = new URL('../matanyone/tensors.json', import.meta.url);
const files: Record<ModelId, URL> = { matanyone2: matAnyone, matanyone: matAnyone };

/** The tensors of a model's checkpoint. */
const tensorList = z.object({
	/** (base, amplitude) of stand-in weights for which the formula's rule is not good enough. */
	override: z.record(z.string(), z.tuple([z.number(), z.number()])),
	shapes: z.record(z.string(), z.array(z.number().int().positive()))
});
export type TensorList = z.infer<typeof tensorList>;

export async function tensorsOf(model: ModelId): Promise<TensorList> {
	return tensorList.parse(JSON.parse(await readFile(files[model], 'utf8')));
}

/**
 * Compares the names and shapes of a checkpoint with those of the model that it should be.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function checkTensors(checkpoint: Checkpoint, { shapes }: TensorList): void {
	for (const [tensor, shape] of Object.entries(shapes)) {
		const stored = checkpoint.tensors.get(tensor);
		if (!stored) throw modelError('weights-missing', { tensor });
		const [expected, found] = [shape, stored.shape].map((each) => `[${each.join(',')}]`);
		if (expected !== found) throw modelError('weights-shape', { tensor, expected: expected!, found: found! });
	}
}
