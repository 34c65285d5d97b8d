import type { Size } from '../../../models/frame.ts';
import { Renderer } from '../../../src/lib/components/viewer/renderer.ts';
import type { ClickSetup } from './click-sam3.ts';

export interface Clicks extends ClickSetup {
	readonly clicks: number;
}

/** Milliseconds of one click. */
export interface ClickTime {
	/** In the decoder's network alone. */
	readonly decoder: number;
	/** From the prompt in the page to the mask's run lengths in the page, the decoder's network included. */
	readonly answer: number;
	/** Of drawing picture and mask until the pixels are there. */
	readonly drawing: number;
}

export interface ClickTimes {
	readonly first: readonly ClickTime[];
	/** Of a second click that corrects the first one's mask. */
	readonly second: readonly ClickTime[];
	/** Of WebAssembly. */
	readonly threads: number;
}

/** Measures clicks as the page answers them: the worker makes the mask, and the viewer's renderer draws it. */
export async function measureClicks({ clicks, ...setup }: Clicks): Promise<ClickTimes> {
	const { api, settle } = networks;
	const threads = await settle(api.openClicks(setup));
	const draw = await openPicture(setup.picture);
	const clicked = async (places: readonly number[]): Promise<ClickTime> => {
		const start = performance.now();
		const { mask, decoder } = await settle(api.click(places));
		const answered = performance.now();
		draw({ mask, colour: [1, 0.5, 0], tint: 0.4, edge: 1 });
		return { decoder, answer: answered - start, drawing: performance.now() - answered };
	};
	// The first click also pays for making everything ready, and is left out.
	await clicked([0.5]);
	const [first, second]: [ClickTime[], ClickTime[]] = [[], []];
	for (let i = 0; i < clicks; i++) {
		const place = (i + 0.5) / clicks;
		first.push(await clicked([place]));
		second.push(await clicked([place, 0.3]));
	}
	return { first, second, threads };
}

type Scene = Parameters<Renderer['draw']>[0];

/** A picture in a canvas of 1280x720. @returns draws a mask over it, and waits until that is done */
async function openPicture({ width, height }: Size): Promise<(layer: Scene['layers'][number]) => void> {
	const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
	document.body.append(canvas);
	const renderer = Renderer.create(canvas);
	const gl = canvas.getContext('webgl2');
	if (!renderer || !gl) throw new Error('there is no WebGL2');
	const source = await createImageBitmap(new ImageData(width, height));
	const view = { x: 0, y: 0, scale: Math.min(canvas.width / width, canvas.height / height) };
	return (layer) => {
		renderer.draw({ view, width, height, source, layers: [layer] }, 1);
		gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
	};
}
