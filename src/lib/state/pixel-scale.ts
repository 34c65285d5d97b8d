import { sameSize, type Size } from '$models/frame.ts';
import { decodeMask, encodeMask, resampleMask, type RunLengthMask } from '$models/mask.ts';
import type { Box, Concept, Prompt } from '$models/segmenter.ts';

/**
 * From the page's pixels, which are square, to those of the clip as the server reads them, and back. Only one of the axes differs.
 * @param page the picture's size in the page
 * @param clip the picture's size on the server
 */
export class PixelScale {
	readonly #x: number;
	readonly #y: number;

	constructor(
		private readonly page: Size,
		private readonly clip: Size
	) {
		this.#x = clip.width / page.width;
		this.#y = clip.height / page.height;
	}

	prompts(prompts: readonly Prompt[]): Prompt[] {
		return prompts.map((prompt) => {
			if (prompt.kind === 'point') return { ...prompt, x: prompt.x * this.#x, y: prompt.y * this.#y };
			if (prompt.kind === 'box') return { ...prompt, ...this.#box(prompt, this.#x, this.#y) };
			return {
				...prompt,
				points: prompt.points.map(([x, y]) => [x * this.#x, y * this.#y] as const),
				radius: prompt.radius * Math.sqrt(this.#x * this.#y)
			};
		});
	}

	concept({ words, examples }: Concept): Concept {
		return {
			words,
			examples: examples?.map((example) => ({ ...example, ...this.#box(example, this.#x, this.#y) }))
		};
	}

	/** A mask of the page for the server. */
	toClip(mask: RunLengthMask): RunLengthMask {
		return resample(mask, this.clip);
	}

	/** A mask of the server for the page. */
	toPage(mask: RunLengthMask): RunLengthMask {
		return resample(mask, this.page);
	}

	/** A box of the server for the page. */
	boxToPage(box: Box): Box {
		return this.#box(box, 1 / this.#x, 1 / this.#y);
	}

	#box({ x, y, width, height }: Box, horizontal: number, vertical: number): Box {
		return { x: x * horizontal, y: y * vertical, width: width * horizontal, height: height * vertical };
	}
}

function resample(mask: RunLengthMask, { width, height }: Size): RunLengthMask {
	if (sameSize(mask, { width, height })) return mask;
	return encodeMask(resampleMask(decodeMask(mask), { width, height }));
}
