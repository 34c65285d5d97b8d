import { Tensor } from 'onnxruntime-common';
import type { Size } from '../../../models/frame.ts';
import { encodeMask } from '../../../models/mask.ts';
import type { Network } from '../../../models/runtime.ts';
import { createWebRuntime } from '../../../models/runtime.web.ts';
import { browserBank, buildBrowserGraph } from '../../../models/sam3/formats.ts';
import type { Sam3Table } from '../../../models/sam3/networks.web.ts';
import { createSam3Segmenter } from '../../../models/sam3/segmenter.ts';
import { unit } from '../../../models/weights/stand-in.ts';
import { openOverTable } from '../../../models/weights/table.web.ts';
import { phrases } from './phrases.ts';

export interface Clicks {
	readonly threads: number;
	/** Of the network's input, in pixels. */
	readonly size: number;
	readonly picture: Size;
	readonly clicks: number;
}

/** Milliseconds of each click. */
export interface ClickTimes {
	/** In the decoder's network alone. */
	readonly decoder: readonly number[];
	/** From the prompt to the run lengths of the best mask. */
	readonly all: readonly number[];
	/** The same of a second click that corrects the first one's mask. */
	readonly second: readonly number[];
	readonly threads: number;
}

/** Measures clicks on a frame that is encoded already, for which noise stands: encoding it would take minutes. */
export async function clickSam3({ threads, size, picture, clicks }: Clicks): Promise<ClickTimes> {
	const about = (await (await fetch('/sam3/about')).json()) as Required<Sam3Table>;
	const weights = await (await fetch('/sam3/packed')).blob();
	const { config, constants } = about;
	const build = { weights: new Map(Object.entries(about.tensors)), config, size };
	const runtime = await createWebRuntime({ providers: ['wasm'], threads });
	const decoder = timed(await openOverTable(runtime, buildBrowserGraph('decoder', build), about, weights));
	const noise = buildBrowserGraph('vision', build).outputs.map(({ name, shape }): [string, Tensor] => {
		const dims = shape as readonly number[];
		const values = unit(
			name,
			dims.reduce((product, dim) => product * dim)
		);
		return [name, new Tensor('float32', Float32Array.from(values), dims)];
	});
	const vision: Network = {
		run: async () => Object.fromEntries(noise),
		release: async () => {}
	};
	const none: Network = { run: () => Promise.reject(new Error('nobody asks it')), release: async () => {} };
	const segmenter = createSam3Segmenter({
		networks: {
			...{ vision, decoder, geometry: none, detector: none, masks: none },
			...{ memoryAttention: none, memoryEncoder: none, maskMemory: none, maskDownsample: none }
		},
		constants: {
			noMemory: Float32Array.from(constants.noMemory),
			noObjectPointer: Float32Array.from(constants.noObjectPointer)
		},
		...{ config, size, phrases, bank: browserBank(config) }
	});
	const frame = { ...picture, data: new Uint8Array(4 * picture.width * picture.height) };
	const encoded = await segmenter.encode(frame);
	const clicked = async (places: readonly number[]) => {
		const start = performance.now();
		const prompts = places.map((place) => ({
			...({ kind: 'point', positive: true } as const),
			...{ x: place * picture.width, y: (1 - place) * picture.height }
		}));
		const [best] = await encoded.segment(prompts);
		encodeMask(best!.mask);
		return performance.now() - start;
	};
	const all: number[] = [];
	const second: number[] = [];
	// The first click also pays for making everything ready, and is left out.
	await clicked([0.5]);
	decoder.times.length = 0;
	for (let i = 0; i < clicks; i++) {
		const place = (i + 0.5) / clicks;
		all.push(await clicked([place]));
		second.push(await clicked([place, 0.3]));
	}
	return { decoder: decoder.times, all, second, threads: runtime.threads };
}

function timed(network: Network): Network & { readonly times: number[] } {
	const times: number[] = [];
	return {
		...{ times, release: () => network.release() },
		async run(feeds, fetches) {
			const start = performance.now();
			const answer = await network.run(feeds, fetches);
			times.push(performance.now() - start);
			return answer;
		}
	};
}
