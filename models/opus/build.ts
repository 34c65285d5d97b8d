import type { Weights } from '../onnx/graph.ts';
import type { MarianConfig } from './config.ts';

/** What the graphs of a Marian model are written from. */
export interface MarianBuild {
	readonly weights: Weights;
	readonly config: MarianConfig;
}
