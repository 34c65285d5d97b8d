import { z } from 'zod';
import type { RunLengthMask } from '../../models/mask.ts';
import type { PackedText } from '../../models/packed-mask.ts';

/** SHA-256 in lower-case hexadecimal. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Largest side of a picture or mask that is ever accepted, in pixels. */
const side = z.number().int().min(1).max(16384);

export const runLengthMask: z.ZodType<RunLengthMask> = z
	.object({ width: side, height: side, counts: z.array(z.number().int().min(0)).max(4_000_000) })
	.refine((mask) => mask.counts.reduce((sum, n) => sum + n, 0) === mask.width * mask.height, {
		message: 'the counts do not add up to the size'
	});

/** Only opening it (`models/packed-mask.ts`) shows whether it is a mask of its size. */
export const packedText: z.ZodType<PackedText> = z.object({ width: side, height: side, packed: z.base64() });
