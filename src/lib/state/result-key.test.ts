import { sha256 } from 'hash-wasm';
import { expect, it } from 'vitest';
import { defaultMatteOptions } from '$models/matter.ts';
import { describeResult, type ResultMaking } from '$protocol/key.ts';
import { resultKey } from './result-key.ts';

it('is the hash of what makes a result, however long that is', async () => {
	const mask = { width: 4, height: 2, packed: 'AAAA'.repeat(300_000) };
	const making: ResultMaking = {
		...{ clip: 'a'.repeat(64), engine: 'classic', options: defaultMatteOptions, outputs: ['alpha'] },
		keyframes: [
			{ time: 0, mask },
			{ time: 1, mask }
		]
	};
	// Characters of two units, one of which lies across the end of a piece in one of these.
	for (const version of ['1.0', `1${'𝄞'.repeat(1_200_000)}`, '𝄞'.repeat(1_200_000)]) {
		const text = describeResult(making, { version });
		expect(await resultKey(making, { version })).toBe(await sha256(text));
	}
});
