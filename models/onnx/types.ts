/** Element types that our graphs use. */
export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';

export type FloatType = 'float32' | 'float16';

/** Bytes of one element. */
export const dtypeBytes: Readonly<Record<DType, number>> = {
	...{ float32: 4, float16: 2, int64: 8, int32: 4, uint8: 1, int8: 1, bool: 1 }
};

/**
 * One axis: a number, or the name of a size that is known only when the graph runs. Names are compared as text; arithmetic on them gives
 * an expression such as `(N+36)`, which is equal only to itself.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Numbers that are known while the graph is written, row-major. */
export type ConstantData = Float32Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor that a graph carries along, and where its numbers come from. */
export interface Initializer {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	readonly source: InitializerSource;
}

export type InitializerSource =
	/** Kept inside the graph; in float32 where `dtype` is a float type, and rounded when written. */
	| { readonly kind: 'inline'; readonly data: ConstantData }
	/** A tensor of the checkpoint, its numbers unchanged (but for their type, and for a shape with as many elements). */
	| { readonly kind: 'tensor'; readonly tensor: string }
	/** Computed from tensors of the checkpoint, given as float32 in their stored shapes, when the weights are written. */
	| {
			readonly kind: 'derived';
			readonly tensors: readonly string[];
			/** The same key means the same numbers: graphs share what was written. */
			readonly key: string;
			readonly derive: (tensors: readonly Float32Array[]) => Float32Array;
	  }
	/** One part of a matrix [N, K] in blocks of 4 bits along K, as com.microsoft.MatMulNBits takes it. */
	| {
			readonly kind: 'blocks';
			readonly tensor: string;
			readonly blockSize: number;
			readonly part: 'codes' | 'scales';
	  };

export interface Port {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

export type Attribute =
	| number
	| string
	| readonly number[]
	| { readonly float: number }
	| { readonly floats: readonly number[] }
	| { readonly graph: GraphDefinition };

export interface GraphNode {
	readonly op: string;
	/** '' for ONNX's own operators. */
	readonly domain: '' | 'com.microsoft';
	/** Where in the network it is, for error messages and profiles. */
	readonly name: string;
	/** '' stands for an optional input that is left out. */
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A graph that is written: what `encodeModel` turns into an ONNX file. */
export interface GraphDefinition {
	readonly name: string;
	/** The version of ONNX's operators. */
	readonly opset: number;
	readonly inputs: readonly Port[];
	readonly outputs: readonly Port[];
	readonly nodes: readonly GraphNode[];
	readonly initializers: readonly Initializer[];
}

/** Where an initializer's bytes lie: a file beside the graph. */
export interface Placement {
	readonly file: string;
	readonly offset: number;
	readonly bytes: number;
}
