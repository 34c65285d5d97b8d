import type { Size } from '../../models/frame.ts';
import { canvasSize, workingSize } from '../../models/matanyone/canvas.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { engineInfo } from '../../models/registry.ts';
import type { ErrorBody } from '../../server/protocol/errors.ts';
import type { JobRequest } from '../../server/protocol/schema.ts';

/** The shorter side of a 16:9 picture that a network works on at once in a browser, at most. */
const MOST_SIDE = 720;

/** The same in pixels, sides rounded up to multiples of 16. Memory grows with their square, and WebAssembly has 4 GB at most. */
export const maxWorkingPixels = 1280 * 736;

/** Why a browser cannot matte a clip of this size with a network, where neither the options nor a crop make it smaller. */
export function tooLargeHere(
	{ engine, options }: Pick<JobRequest, 'engine' | 'options'>,
	clip: Size
): ErrorBody | undefined {
	if (!engineInfo(engine).model) return undefined;
	const { maxSize, crop, allowSmaller } = options.matanyone ?? defaultMatAnyoneOptions;
	const canvas = canvasSize(clip, maxSize);
	if (canvas.width * canvas.height <= maxWorkingPixels || crop || allowSmaller) return undefined;
	const { width, height } = workingSize(clip, maxSize);
	return { code: 'too-large-here', params: { width, height, side: MOST_SIDE } };
}
