import { Tensor } from 'onnxruntime-common';
import { z } from 'zod';
import type { MarianBuild } from '../opus/build.ts';
import { parseMarianConfig, type MarianConfig } from '../opus/config.ts';
import { buildDecoder } from '../opus/graphs/decoder.ts';
import { buildEncoder } from '../opus/graphs/encoder.ts';
import type { MarianNetworks } from '../opus/networks.ts';
import { candidatesOf, decodeStep, encodeTokens, translateTokens, type Past } from '../opus/translator.ts';
import type { Answer, ParityModel } from './compare.ts';

/**
 * A Marian model's parity file. Of each text N in the metadata's `texts`: `N.source`, the keys and values by which the decoder looks at it;
 * `N.next` and `N.logProbabilities` of three hypotheses of four tokens, computed without a cache; `N.translation.BEAMS`, its end included.
 */
export const opusParity: ParityModel = {
	cap: () => Infinity,
	tolerance: (name) => ({ largest: /source|logProbabilities/.test(name) ? 1e-4 : 0 }),
	async *answers({ config: json, metadata, weights }, open) {
		const config = parseMarianConfig(json, 'Marian');
		const build: MarianBuild = { weights: weights.tensors, config };
		const networks = await open({
			encoder: buildEncoder(build),
			decoder: buildDecoder(build, candidatesOf(config))
		});
		const texts = z.array(z.array(z.number())).parse(JSON.parse(metadata.texts!));
		for (const [n, ids] of texts.entries()) {
			const source = await encodeTokens(networks, ids);
			yield { name: `${n}.source`, values: source.data as Float32Array };
			yield* afterFour(networks, source, n, config);
			for (const beams of [1, 6]) {
				const options = { longest: Number(metadata.longest) };
				const tokens = await translateTokens(networks, ids, { ...config, num_beams: beams }, options);
				yield { name: `${n}.translation.${beams}`, values: [...tokens, config.eos_token_id] };
			}
		}
	}
};

/** Three hypotheses of a text whose four tokens the file's maker chose, one token after the other. */
async function* afterFour(
	networks: MarianNetworks,
	source: Tensor,
	n: number,
	config: MarianConfig
): AsyncGenerator<Answer> {
	const hypotheses = [0, 1, 2];
	const tokenAt = (place: number, h: number) =>
		place === 0 ? config.decoder_start_token_id : ((3 * (place - 1) + 5 * h + n) % 90) + 2;
	let past: Past | undefined;
	for (let place = 0; place <= 4; place++) {
		const tokens = hypotheses.map((h) => tokenAt(place, h));
		// They begin as one.
		const parents = hypotheses.map((h) => (place === 0 ? 0 : h));
		const step = await decodeStep(networks, { tokens, parents, place, past, source }, config);
		past = step.present;
		if (place < 4) continue;
		yield { name: `${n}.next`, values: Float32Array.from(step.next.data as BigInt64Array, Number) };
		yield { name: `${n}.logProbabilities`, values: step.logProbabilities.data as Float32Array };
	}
}
