import type { Checkpoint } from '../weights/checkpoint.ts';
import { readFloats } from '../weights/pack.ts';
import type { Sam3Constants } from './networks.ts';

/**
 * Reads what the loops need of the checkpoint besides the graphs.
 * @throws CodedError `weights-missing`, `weights-damaged`
 */
export async function readConstants(checkpoint: Checkpoint): Promise<Sam3Constants> {
	const [noMemory, noObjectPointer] = await Promise.all([
		readFloats(checkpoint, 'tracker_model.no_memory_embedding'),
		readFloats(checkpoint, 'tracker_model.no_object_pointer')
	]);
	return { noMemory, noObjectPointer };
}
