import type { Graph, Value } from '../../onnx/graph.ts';
import {
	concat,
	flatten,
	gather,
	integers,
	reshape,
	squeeze,
	transpose,
	unsqueeze
} from '../../onnx/operators/index.ts';

/** How the places of a square map are ordered as tokens, and cut into windows. */
export interface Windows {
	/** A map, row by row [side · side, C], as tokens [1, side · side, C]. */
	tokens(map: Value): Value;
	/** The tokens as a map again, row by row: [side · side, C]. */
	map(tokens: Value): Value;
	/** The tokens by windows: [windows, window · window, C]; past the map's end lies `outside` [C]. */
	cut(tokens: Value, outside: Value): Value;
	/** The tokens out of their windows again. */
	join(windows: Value): Value;
}

/**
 * Windows over a square map (Li et al., 2022). Where they fill it, tokens are kept in the order of windows from the beginning, so that
 * cutting moves nothing; else they lie row by row.
 * @param side places along each side of the map
 * @param window places along each side of a window
 */
export function windowsOver(graph: Graph, side: number, window: number): Windows {
	const count = Math.ceil(side / window);
	return count * window === side ? filling(count, window) : reachingPast(graph, side, window, count);
}

function filling(count: number, window: number): Windows {
	const [windows, places] = [count * count, window * window];
	const channelsOf = (x: Value) => x.shape.at(-1)!;
	const swap = (x: Value, rows: readonly [number, number, number, number]) =>
		transpose(reshape(x, [...rows, channelsOf(x)]), [0, 2, 1, 3, 4]);
	const single = (x: Value) => reshape(x, [1, windows * places, channelsOf(x)]);
	return {
		tokens: (map) => single(swap(map, [count, window, count, window])),
		map: (tokens) => flatten(swap(tokens, [count, count, window, window]), 0, -2),
		cut: (tokens) => reshape(tokens, [windows, places, channelsOf(tokens)]),
		join: single
	};
}

function reachingPast(graph: Graph, side: number, window: number, count: number): Windows {
	const [windows, places] = [count * count, window * window];
	/** For each place of the windows its token's number; `side · side` past the end. */
	const numbers = Array.from({ length: windows * places }, (_, i) => {
		const [cell, place] = [Math.floor(i / places), i % places];
		const y = Math.floor(cell / count) * window + Math.floor(place / window);
		const x = (cell % count) * window + (place % window);
		return y < side && x < side ? y * side + x : side * side;
	});
	const homes = Array<number>(side * side).fill(0);
	for (const [place, number] of numbers.entries()) if (number < homes.length) homes[number] = place;
	const [toWindows, toTokens] = [integers(graph, numbers), integers(graph, homes)];
	return {
		tokens: (map) => unsqueeze(map, 0),
		map: (tokens) => squeeze(tokens, 0),
		cut(tokens, outside) {
			const channels = tokens.shape[2]!;
			const all = concat([tokens, reshape(outside, [1, 1, channels])], 1);
			return reshape(gather(all, toWindows, 1), [windows, places, channels]);
		},
		join(x) {
			return gather(reshape(x, [1, windows * places, x.shape[2]!]), toTokens, 1);
		}
	};
}
