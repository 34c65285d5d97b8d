import type { GraphDefinition, Initializer, InitializerSource } from '../onnx/types.ts';

export const initializer = (
	dtype: Initializer['dtype'],
	shape: number[],
	source: InitializerSource
): Initializer => ({
	...{ name: 'x', dtype, shape, source }
});

/** A graph that carries these along, and computes nothing. */
export const graphOf = (...initializers: Initializer[]): GraphDefinition => ({
	...{ name: 'test', opset: 21, inputs: [], outputs: [], nodes: [], initializers }
});
