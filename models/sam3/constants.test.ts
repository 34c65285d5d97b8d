import { expect, it } from 'vitest';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { readConstants } from './constants.ts';

it('reads the vectors that stand for no memory and for an object that is not there', async () => {
	const stored = { dtype: 'BF16', shape: [2], file: '', offset: 0, bytes: 4 } as const;
	const contents: Record<string, readonly number[]> = {
		'tracker_model.no_memory_embedding': [0x3f80, 0xc000],
		'tracker_model.no_object_pointer': [0x3f00, 0]
	};
	const checkpoint: Checkpoint = {
		tensors: new Map(Object.keys(contents).map((name) => [name, stored])),
		...{ metadata: {}, standIn: true, identity: '' },
		read: async (name) => new Uint8Array(Uint16Array.from(contents[name]!).buffer)
	};
	expect(await readConstants(checkpoint)).toEqual({
		noMemory: Float32Array.of(1, -2),
		noObjectPointer: Float32Array.of(0.5, 0)
	});
});
