import type { AttentionRoom } from '../onnx/attend.ts';
import type { Weights } from '../onnx/graph.ts';
import type { FloatType } from '../onnx/types.ts';
import type { Provider } from '../provider.ts';
import type { Sam3Config } from './config.ts';

/** For what SAM 3's graphs are written. */
export interface Sam3Build extends AttentionRoom {
	/** The tensors of the official checkpoint, by their names in `Sam3VideoModel`. */
	readonly weights: Weights;
	readonly config: Sam3Config;
	/** Width and height of the input in pixels, a multiple of the patch; the checkpoint's own is 1008. */
	readonly size: number;
	/** What most of the network computes in. Inputs and outputs stay float32. */
	readonly precision: FloatType;
	/** Columns that share a scale where matrices are kept in 4 bits; whole numbers when left out. */
	readonly blockSize?: number;
	/** What the graphs will run on, where it is known: the same numbers, written in the way that it is fastest at. */
	readonly provider?: Provider;
}
