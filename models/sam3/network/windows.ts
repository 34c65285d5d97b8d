import type { Value } from '../../onnx/graph.ts';
import { pad, reshape, slice, transpose } from '../../onnx/operators/index.ts';

/** How the places of a square map are ordered as tokens, and cut into windows. */
export interface Windows {
	/** A map, row by row [side · side, C], as tokens [1, side · side, C]. */
	tokens(map: Value): Value;
	/** The tokens as a map again, row by row: [side · side, C]. */
	map(tokens: Value): Value;
	/** The tokens by windows: [windows, window · window, C]; what lies past the map's end is zero. */
	cut(tokens: Value): Value;
	/** The tokens out of their windows again. */
	join(windows: Value): Value;
}

/**
 * Windows over a square map (Li et al., 2022). Where they fill it, tokens are kept in the order of windows from the beginning, so that
 * cutting moves nothing; else they lie row by row, and every cut pads them.
 * @param side places along each side of the map
 * @param window places along each side of a window
 */
export function windowsOver(side: number, window: number): Windows {
	const count = Math.ceil(side / window);
	const whole = count * window;
	const byWindows = (map: Value): Value => {
		const channels = map.shape.at(-1)!;
		const cells = transpose(reshape(map, [count, window, count, window, channels]), [0, 2, 1, 3, 4]);
		return reshape(cells, [count * count, window * window, channels]);
	};
	const byRows = (windows: Value): Value => {
		const channels = windows.shape.at(-1)!;
		const cells = transpose(reshape(windows, [count, count, window, window, channels]), [0, 2, 1, 3, 4]);
		return reshape(cells, [whole, whole, channels]);
	};
	const flat = (x: Value) => reshape(x, [side * side, x.shape.at(-1)!]);
	const single = (x: Value) => reshape(x, [1, side * side, x.shape.at(-1)!]);
	if (whole === side) {
		return {
			tokens: (map) => single(byWindows(map)),
			map: (tokens) => flat(byRows(tokens)),
			cut: (tokens) => reshape(tokens, [count * count, window * window, tokens.shape[2]!]),
			join: single
		};
	}
	return {
		tokens: single,
		map: flat,
		cut(tokens) {
			const map = reshape(tokens, [side, side, tokens.shape[2]!]);
			return byWindows(pad(map, [[0, whole - side], [0, whole - side], [0, 0]])); // prettier-ignore
		},
		join: (windows) => single(slice(slice(byRows(windows), 0, 0, side), 1, 0, side))
	};
}
