import { storeInHalf } from '../onnx/store-in-half.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import type { Sam3Build } from './build.ts';
import { buildDetectionMasks } from './graphs/detection-masks.ts';
import { buildDetector } from './graphs/detector.ts';
import { buildGeometryEncoder } from './graphs/geometry-encoder.ts';
import { buildMaskDecoder } from './graphs/mask-decoder.ts';
import { buildMemoryAttention } from './graphs/memory-attention.ts';
import { buildMaskDownsample, buildMemoryEncoder } from './graphs/memory-encoder.ts';
import { buildVisionEncoder } from './graphs/vision-encoder.ts';
import type { Sam3Networks } from './networks.ts';

/**
 * What browsers keep of SAM 3: large matrices in 4 bits, with a scale for every 32 columns, the rest in half precision; computed in float32,
 * which every graphics card does. Blocks of 64 would save 5 % and, for weights of a normal distribution, make every step a tenth
 * coarser.
 */
const browserForm = { precision: 'float32', blockSize: 32 } as const;

/** Everything but the text encoder, which is as large as the rest together: words are read by the server. */
type BrowserGraphs = Readonly<Record<Exclude<keyof Sam3Networks, 'text'>, GraphDefinition>>;

/**
 * The graphs that run in browsers, over weights in their 4-bit form.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildBrowserGraphs(build: Pick<Sam3Build, 'weights' | 'config' | 'size'>): BrowserGraphs {
	const form: Sam3Build = { ...build, ...browserForm };
	return {
		vision: storeInHalf(buildVisionEncoder(form)),
		geometry: storeInHalf(buildGeometryEncoder(form)),
		detector: storeInHalf(buildDetector(form)),
		masks: storeInHalf(buildDetectionMasks(form)),
		decoder: storeInHalf(buildMaskDecoder(form)),
		memoryAttention: storeInHalf(buildMemoryAttention(form)),
		memoryEncoder: storeInHalf(buildMemoryEncoder(form)),
		maskDownsample: storeInHalf(buildMaskDownsample(form))
	};
}
