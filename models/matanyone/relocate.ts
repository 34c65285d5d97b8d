import { Tensor } from 'onnxruntime-common';
import { TOKEN, type Window } from './canvas.ts';
import { halves, type Numbers } from './numbers.ts';

/**
 * A map as a window shows it that has been moved: what both windows show stays, what is new takes the values at the old window's border.
 * @param map `[..., rows, columns]`, with one row and column for `pixels` pixels of the canvas
 * @param pixels 1 or `TOKEN`
 */
export async function relocate(
	map: Tensor,
	from: Window,
	to: Window,
	pixels: 1 | typeof TOKEN
): Promise<Tensor> {
	const old = halves((await map.getData()) as Numbers);
	const [width, height] = [from.width / pixels, from.height / pixels];
	const columns = sources(from.x, to.x, width, to.width / pixels, pixels);
	const rows = sources(from.y, to.y, height, to.height / pixels, pixels);
	const planes = old.length / (width * height);
	const length = planes * rows.length * columns.length;
	const moved = old instanceof Float32Array ? new Float32Array(length) : new Uint16Array(length);
	for (let plane = 0, out = 0; plane < planes; plane++) {
		for (const row of rows) {
			const start = (plane * height + row) * width;
			for (const column of columns) moved[out++] = old[start + column]!;
		}
	}
	const dims = [...map.dims.slice(0, -2), rows.length, columns.length];
	return new Tensor(map.type as 'float32' | 'float16', moved, dims);
}

/** For each new row or column the old one that it takes. */
function sources(from: number, to: number, oldLength: number, length: number, pixels: number): Uint32Array {
	const shift = (to - from) / pixels;
	return Uint32Array.from({ length }, (_, i) => Math.min(Math.max(i + shift, 0), oldLength - 1));
}
