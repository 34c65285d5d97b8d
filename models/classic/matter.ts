import { modelError } from '../errors.ts';
import { finish } from '../finish.ts';
import type { Frame, Mask, Size } from '../frame.ts';
import { requireSize } from '../mask.ts';
import type { Matted, Matter, MatteOptions, MatterHooks, MatterInput } from '../matter.ts';
import { estimateAlpha } from './matting.ts';
import { loadOpenCv, type OpenCv } from './opencv.ts';
import { Steadier } from './steadier.ts';

/** Opens the embedded matter: alpha in a band along every frame's mask, by the colours on both sides. Needs no weights. */
export async function createClassicMatter(): Promise<Matter> {
	return new ClassicMatter(await loadOpenCv());
}

class ClassicMatter implements Matter {
	readonly id = 'classic';
	readonly masks = 'every-frame';
	readonly window = 1;
	readonly maxPixels = 8192 * 4320;

	constructor(private readonly cv: OpenCv) {}

	async *matte<F extends Frame>(
		frames: AsyncIterable<MatterInput<F>>,
		options: MatteOptions,
		{ signal }: MatterHooks = {}
	): AsyncIterable<Matted<F>> {
		const steadier = new Steadier();
		let first = true;
		for await (const { frame, mask } of frames) {
			signal?.throwIfAborted();
			checkMask(mask, frame);
			const alpha = estimateAlpha(this.cv, frame, mask, options.edgeRadius, options.grow);
			if (!alpha && first) throw modelError('mask-empty');
			first = false;
			const steady = alpha ? steadier.steady(frame, alpha) : steadier.forget(frame);
			yield { frame, alpha: finish(steady, options) };
		}
	}

	dispose(): void {}
}

function checkMask(mask: Mask | undefined, frame: Size): asserts mask is Mask {
	if (!mask) throw new TypeError('the classic matter needs a mask for every frame');
	requireSize(mask, frame);
}
