import { Tensor } from 'onnxruntime-common';
import { elementsOf } from '../../models/weights/checkpoint.ts';
import type { GraphDefinition, Port } from '../../models/onnx/types.ts';
import type { Tensors } from '../../models/runtime.ts';
import type { Sam3Build } from '../../models/sam3/build.ts';
import { buildDetectionMasks } from '../../models/sam3/graphs/detection-masks.ts';
import { buildDetector } from '../../models/sam3/graphs/detector.ts';
import { buildMaskDecoder } from '../../models/sam3/graphs/mask-decoder.ts';
import { buildMemoryAttention } from '../../models/sam3/graphs/memory-attention.ts';
import { buildMemoryEncoder } from '../../models/sam3/graphs/memory-encoder.ts';
import { buildTextEncoder } from '../../models/sam3/graphs/text-encoder.ts';
import { buildVisionEncoder } from '../../models/sam3/graphs/vision-encoder.ts';
import { unit } from '../../models/weights/stand-in.ts';

/** What of SAM 3 is measured by itself. */
export interface Part {
	/** A word that names it, for other implementations too. */
	readonly name: string;
	/** In the order in which they run, and the sizes that are open in each. */
	readonly steps: readonly Step[];
}

interface Step {
	readonly build: (build: Sam3Build) => GraphDefinition;
	readonly sizes: Readonly<Record<string, number>>;
}

/** Tokens of a short phrase, begin and end included. */
const tokens = 6;
/** Things that are found, whose masks are drawn. */
const found = 10;
/** The bank of an object that has been followed for a while: one frame with a prompt and the six newest, and sixteen pointers. */
const bank = { M: 7, P: 16 };

/** @param objects how many are followed, for one measurement each */
export function partsOf(objects: readonly number[]): Part[] {
	const step = (B: number): Part => ({
		name: `tracker-${B}`,
		steps: [
			{ build: (build) => buildMemoryAttention(build), sizes: { B, ...bank } },
			// Nothing is prompted: two place holders.
			{ build: buildMaskDecoder, sizes: { B, N: 2 } },
			{ build: buildMemoryEncoder, sizes: { B } }
		]
	});
	return [
		{ name: 'encoder', steps: [{ build: (build) => buildVisionEncoder(build), sizes: {} }] },
		{ name: 'text', steps: [{ build: buildTextEncoder, sizes: {} }] },
		{
			name: 'detector',
			steps: [
				{ build: buildDetector, sizes: { L: tokens } },
				{ build: buildDetectionMasks, sizes: { L: tokens, N: found } }
			]
		},
		{ name: 'decoder', steps: [{ build: buildMaskDecoder, sizes: { B: 1, N: 2 } }] },
		...objects.map(step)
	];
}

/** Inputs of a graph's shapes: noise, ones and yes. */
export function feedsOf({ inputs }: GraphDefinition, sizes: Step['sizes']): Tensors {
	return Object.fromEntries(inputs.map((port) => [port.name, feedOf(port, sizes)]));
}

function feedOf({ name, dtype, shape }: Port, sizes: Step['sizes']): Tensor {
	const dims = shape.map((size) => (typeof size === 'number' ? size : sizes[size]!));
	const count = elementsOf(dims);
	switch (dtype) {
		case 'float32':
			return new Tensor('float32', Float32Array.from(unit(name, count)), dims);
		case 'int64':
			return new Tensor('int64', new BigInt64Array(count).fill(1n), dims);
		case 'bool':
			return new Tensor('bool', new Uint8Array(count).fill(1), dims);
		default:
			throw new Error(`an input of type ${dtype}`);
	}
}
