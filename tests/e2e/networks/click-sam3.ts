import { Tensor } from 'onnxruntime-common';
import type { Size } from '../../../models/frame.ts';
import { encodeMask, type RunLengthMask } from '../../../models/mask.ts';
import type { Network } from '../../../models/runtime.ts';
import { createWebRuntime } from '../../../models/runtime.web.ts';
import { maskSide } from '../../../models/sam3/decode.ts';
import { SCORE_BYTES, browserBank, buildBrowserGraph } from '../../../models/sam3/formats.ts';
import type { Sam3Table } from '../../../models/sam3/networks.web.ts';
import { createSam3Segmenter } from '../../../models/sam3/segmenter.ts';
import { unit } from '../../../models/weights/stand-in.ts';
import { openOverTable } from '../../../models/weights/table.web.ts';
import { phrases } from './phrases.ts';

export interface ClickSetup {
	readonly threads: number;
	/** Of the network's input, in pixels. */
	readonly size: number;
	readonly picture: Size;
}

/** The answer to a click. */
export interface Clicked {
	readonly mask: RunLengthMask;
	/** Milliseconds in the decoder's network alone. */
	readonly decoder: number;
}

/** A frame that can be clicked. */
export interface Clickable {
	readonly threads: number;
	/** @param places of the clicks, 0 to 1 */
	click(places: readonly number[]): Promise<Clicked>;
}

/** Opens SAM 3's clicks on a frame that is encoded already, for which noise stands: encoding it would take minutes. */
export async function openClicks({ threads, size, picture }: ClickSetup): Promise<Clickable> {
	const about = (await (await fetch('/sam3/about')).json()) as Required<Sam3Table>;
	const weights = await (await fetch('/sam3/packed')).blob();
	const { config, constants } = about;
	// As `openSam3Web` builds for WebAssembly.
	const build = {
		weights: new Map(Object.entries(about.tensors)),
		...{ config, size, scoreBytes: SCORE_BYTES }
	};
	const runtime = await createWebRuntime({ providers: ['wasm'], threads });
	const network = await openOverTable(runtime, buildBrowserGraph('decoder', build), about, weights);
	const decoder = timed(network, maskSide({ config, size }));
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
	return {
		threads: runtime.threads,
		async click(places) {
			const prompts = places.map((place) => ({
				...({ kind: 'point', positive: true } as const),
				...{ x: place * picture.width, y: (1 - place) * picture.height }
			}));
			const [best] = await encoded.segment(prompts);
			return { mask: encodeMask(best!.mask), decoder: decoder.last };
		}
	};
}

/**
 * The decoder, which knows the milliseconds of its last run. What stand-in weights answer is noise, which no trained ones do: once it is
 * computed, a shape as large takes its place, so that what follows has to do with a mask as users see it.
 */
function timed(decoder: Network, side: number): Network & { readonly last: number } {
	const shape = shapeOf(side);
	let last = NaN;
	return {
		get last() {
			return last;
		},
		release: () => decoder.release(),
		async run(feeds, fetches) {
			const start = performance.now();
			const answer = await decoder.run(feeds, fetches);
			last = performance.now() - start;
			const { dims } = answer.masks!;
			const count = dims[0]! * dims[1]!;
			const data = new Float32Array(count * shape.length);
			for (let i = 0; i < count; i++) data.set(shape, i * shape.length);
			return { ...answer, masks: new Tensor('float32', data, dims) };
		}
	};
}

/** Logits of a wavy disc over a quarter of the picture. */
function shapeOf(side: number): Float32Array {
	return Float32Array.from({ length: side * side }, (_, i) => {
		const [x, y] = [(i % side) / side - 0.5, Math.floor(i / side) / side - 0.5];
		const radius = 0.28 + 0.03 * Math.sin(9 * Math.atan2(y, x));
		return 60 * (radius - Math.hypot(x, y));
	});
}
