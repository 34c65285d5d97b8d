import type { Sam3Build } from '../../models/sam3/build.ts';
import { buildDetectionMasks } from '../../models/sam3/graphs/detection-masks.ts';
import { buildDetector } from '../../models/sam3/graphs/detector.ts';
import { buildMaskDecoder } from '../../models/sam3/graphs/mask-decoder.ts';
import { buildMemoryAttention } from '../../models/sam3/graphs/memory-attention.ts';
import { buildMemoryEncoder } from '../../models/sam3/graphs/memory-encoder.ts';
import { buildTextEncoder } from '../../models/sam3/graphs/text-encoder.ts';
import { buildVisionEncoder } from '../../models/sam3/graphs/vision-encoder.ts';
import type { Part } from './parts.ts';

/** Tokens of a short phrase, begin and end included. */
const tokens = 6;
/** Things that are found, whose masks are drawn. */
const found = 10;
/** The bank of an object that has been followed for a while: one frame with a prompt and the six newest, and sixteen pointers. */
const bank = { M: 7, P: 16 };

/**
 * What of SAM 3 is measured by itself.
 * @param objects how many are followed, for one measurement each
 */
export function partsOf(build: Sam3Build, objects: readonly number[]): Part[] {
	const step = (B: number): Part => ({
		name: `tracker-${B}`,
		steps: [
			{ graph: buildMemoryAttention(build), sizes: { B, ...bank } },
			// Nothing is prompted: two place holders.
			{ graph: buildMaskDecoder(build), sizes: { B, N: 2 } },
			{ graph: buildMemoryEncoder(build), sizes: { B } }
		]
	});
	return [
		{ name: 'encoder', steps: [{ graph: buildVisionEncoder(build), sizes: {} }] },
		{ name: 'text', steps: [{ graph: buildTextEncoder(build), sizes: {} }] },
		{
			name: 'detector',
			steps: [
				{ graph: buildDetector(build), sizes: { L: tokens } },
				{ graph: buildDetectionMasks(build), sizes: { L: tokens, N: found } }
			]
		},
		{ name: 'decoder', steps: [{ graph: buildMaskDecoder(build), sizes: { B: 1, N: 2 } }] },
		...objects.map(step)
	];
}
