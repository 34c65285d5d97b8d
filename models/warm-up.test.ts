import { describe, expect, it } from 'vitest';
import type { Network, Tensors } from './runtime.ts';
import { warmUp } from './warm-up.ts';

const inputs = [
	{ name: 'rgb', dtype: 'uint8', shape: [1, 2, 2, 3] },
	{ name: 'memory', dtype: 'float32', shape: ['N', 4] },
	{ name: 'is_mem', dtype: 'bool', shape: [] }
] as const;

describe('warming a network up', () => {
	it('runs it once on zeros of the shapes that it takes', async () => {
		const runs: Tensors[] = [];
		const network: Network = {
			run: async (feeds) => {
				runs.push(feeds);
				return {};
			},
			release: async () => {}
		};
		await warmUp(network, { inputs }, { N: 30 });
		expect(runs).toHaveLength(1);
		const { rgb, memory, is_mem } = runs[0]!;
		expect([rgb!.dims, memory!.dims, is_mem!.dims]).toEqual([[1, 2, 2, 3], [30, 4], []]);
		expect([rgb!.type, memory!.type, is_mem!.type]).toEqual(['uint8', 'float32', 'bool']);
		await expect(warmUp(network, { inputs }, {})).rejects.toThrow('memory has an axis N');
	});
});
