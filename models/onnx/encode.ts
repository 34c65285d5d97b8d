import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
	AttributeProto_AttributeType as AttributeType,
	ModelProtoSchema,
	TensorProto_DataLocation as DataLocation,
	TensorProto_DataType as DataType,
	type AttributeProtoSchema,
	type GraphProtoSchema,
	type NodeProtoSchema,
	type TensorProtoSchema,
	type ValueInfoProtoSchema
} from 'onnx-buf';
import { toFloat16 } from '../weights/float16.ts';
import type {
	Attribute,
	ConstantData,
	DType,
	GraphDefinition,
	GraphNode,
	Initializer,
	Placement,
	Port
} from './types.ts';

const dataTypes: Readonly<Record<DType, DataType>> = {
	float32: DataType.FLOAT,
	float16: DataType.FLOAT16,
	int64: DataType.INT64,
	int32: DataType.INT32,
	uint8: DataType.UINT8,
	int8: DataType.INT8,
	bool: DataType.BOOL
};

/** The version of the file format that ONNX Runtime 1.29 reads for sure. */
const IR_VERSION = 10n;

/**
 * Writes a graph as an ONNX file. Its weights stay where they are: the file names them by file, offset and length (ONNX external data,
 * relative to the graph's own folder).
 * @param placementOf where an initializer lies; asked for every one that is not kept inline
 */
export function encodeModel(
	graph: GraphDefinition,
	placementOf: (initializer: Initializer) => Placement
): Uint8Array {
	return toBinary(
		ModelProtoSchema,
		create(ModelProtoSchema, {
			irVersion: IR_VERSION,
			producerName: 'SplazMatte',
			opsetImport: [
				{ domain: '', version: BigInt(graph.opset) },
				{ domain: 'com.microsoft', version: 1n }
			],
			graph: graphMessage(graph, placementOf)
		})
	);
}

/** Writes a graph that carries its own weights, all of them inline. */
export function encodeSelfContained(graph: GraphDefinition): Uint8Array {
	return encodeModel(graph, ({ name }) => {
		throw new Error(`${graph.name} does not carry ${name}`);
	});
}

function graphMessage(
	graph: GraphDefinition,
	placementOf: (initializer: Initializer) => Placement
): MessageInitShape<typeof GraphProtoSchema> {
	return {
		name: graph.name,
		node: graph.nodes.map((node) => nodeMessage(node, placementOf)),
		input: graph.inputs.map(portMessage),
		output: graph.outputs.map(portMessage),
		initializer: graph.initializers.map((initializer) => tensorMessage(initializer, placementOf))
	};
}

function portMessage({ name, dtype, shape }: Port): MessageInitShape<typeof ValueInfoProtoSchema> {
	const dim = shape.map((size) => ({
		value:
			typeof size === 'number'
				? { case: 'dimValue' as const, value: BigInt(size) }
				: { case: 'dimParam' as const, value: size }
	}));
	const tensorType = { elemType: dataTypes[dtype], shape: { dim } };
	return { name, type: { value: { case: 'tensorType', value: tensorType } } };
}

function nodeMessage(
	{ op, domain, name, inputs, outputs, attributes }: GraphNode,
	placementOf: (initializer: Initializer) => Placement
): MessageInitShape<typeof NodeProtoSchema> {
	return {
		...{ opType: op, domain, name, input: [...inputs], output: [...outputs] },
		attribute: Object.entries(attributes).map(([key, value]) => attributeMessage(key, value, placementOf))
	};
}

function attributeMessage(
	name: string,
	value: Attribute,
	placementOf: (initializer: Initializer) => Placement
): MessageInitShape<typeof AttributeProtoSchema> {
	if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
	if (typeof value === 'string')
		return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
	if (isList(value)) return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
	if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
	if ('floats' in value) return { name, type: AttributeType.FLOATS, floats: [...value.floats] };
	return { name, type: AttributeType.GRAPH, g: graphMessage(value.graph, placementOf) };
}

function isList(value: Attribute): value is readonly number[] {
	return Array.isArray(value);
}

function tensorMessage(
	initializer: Initializer,
	placementOf: (initializer: Initializer) => Placement
): MessageInitShape<typeof TensorProtoSchema> {
	const { name, dtype, shape, source } = initializer;
	const tensor = { name, dataType: dataTypes[dtype], dims: shape.map(BigInt) };
	if (source.kind === 'inline') return { ...tensor, rawData: bytesOf(source.data, dtype) };
	const { file, offset, bytes } = placementOf(initializer);
	return {
		...tensor,
		dataLocation: DataLocation.EXTERNAL,
		externalData: [
			{ key: 'location', value: file },
			{ key: 'offset', value: String(offset) },
			{ key: 'length', value: String(bytes) }
		]
	};
}

function bytesOf(data: ConstantData, dtype: DType): Uint8Array<ArrayBuffer> {
	const numbers = dtype === 'float16' ? toFloat16(data as Float32Array) : data;
	return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();
}
