import { Tensor } from 'onnxruntime-common';
import { expect, it } from 'vitest';
import type { Tensors } from '../runtime.ts';
import { smallConfig } from './small-checkpoint.fixture.node.ts';
import type { Tokenizer } from './tokenizer.ts';
import { createTranslator } from './translator.ts';

const config = { ...smallConfig, num_beams: 1 };
const [said, end] = [5, config.eos_token_id];

/** Networks that say one word, and what they were asked. */
function networks() {
	const asked: Tensors[] = [];
	const released: string[] = [];
	const shape = [2, 1, 1, config.d_model];
	const present = new Tensor('float32', new Float32Array(2 * config.d_model), shape);
	const encoder = {
		run: async () => ({ source: new Tensor('float32', new Float32Array(2), [2, 1, 1]) }),
		release: async () => void released.push('encoder')
	};
	const decoder = {
		async run(feeds: Tensors) {
			asked.push(feeds);
			const next = new Tensor('int64', [BigInt(asked.length === 1 ? said : end), 7n], [1, 2]);
			return { next, logProbabilities: new Tensor('float32', [-0.1, -9], [1, 2]), present };
		},
		release: async () => void released.push('decoder')
	};
	return { networks: { encoder, decoder }, asked, released, present };
}

const tokenizer = (text: string): Tokenizer => ({ encode: () => [3, end], decode: () => text });

it('begins with nothing written, then goes on from what was', async () => {
	const { networks: both, asked, present } = networks();
	const translator = createTranslator({ networks: both, tokenizer: tokenizer('the dog'), config });
	expect(await translator.translate('狗')).toBe('the dog');
	const [first, second] = asked;
	expect(first!.past!.dims).toEqual([2, 1, 0, config.d_model]);
	expect(first!.tokens!.data).toEqual(BigInt64Array.of(BigInt(config.decoder_start_token_id)));
	expect(second!.past).toBe(present);
	expect(second!.tokens!.data).toEqual(BigInt64Array.of(BigInt(said)));
	expect(second!.place!.data).toEqual(BigInt64Array.of(1n));
});

it.each([
	['穿红衣服的人', 'The person in red.', 'The person in red'],
	['他走了。', 'He left.', 'He left.'],
	['人', 'a person', 'a person']
])('%s in English ends as it does in Chinese', async (words, english, expected) => {
	const translator = createTranslator({ ...networks(), tokenizer: tokenizer(english), config });
	expect(await translator.translate(words)).toBe(expected);
});

it('gives both networks back', async () => {
	const { networks: both, released } = networks();
	await createTranslator({ networks: both, tokenizer: tokenizer(''), config }).dispose();
	expect(released.toSorted()).toEqual(['decoder', 'encoder']);
});
