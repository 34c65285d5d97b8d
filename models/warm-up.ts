import { Tensor } from 'onnxruntime-common';
import type { DType, GraphDefinition, Port } from './onnx/types.ts';
import type { Network } from './runtime.ts';

const arrays: Readonly<Record<DType, new (length: number) => Tensor['data']>> = {
	...{ float32: Float32Array, float16: Uint16Array, int64: BigInt64Array, int32: Int32Array },
	...{ uint8: Uint8Array, int8: Int8Array, bool: Uint8Array }
};

/**
 * Runs a network once on zeros: a graphics card then has its programs chosen and compiled and its memory taken, which would make the first
 * frame wait otherwise.
 * @param sizes of the axes that the graph leaves open
 * @throws CodedError `out-of-memory`
 */
export async function warmUp(
	network: Network,
	{ inputs }: Pick<GraphDefinition, 'inputs'>,
	sizes: Readonly<Record<string, number>>
): Promise<void> {
	const feeds = Object.fromEntries(inputs.map((port) => [port.name, zeros(port, sizes)]));
	const answers = await network.run(feeds);
	for (const tensor of Object.values(answers)) tensor.dispose();
}

function zeros({ name, dtype, shape }: Port, sizes: Readonly<Record<string, number>>): Tensor {
	const dims = shape.map((size) => {
		const known = typeof size === 'number' ? size : sizes[size];
		if (known === undefined) throw new TypeError(`${name} has an axis ${size} of unknown size`);
		return known;
	});
	const length = dims.reduce((product, size) => product * size, 1);
	return new Tensor(dtype, new arrays[dtype](length) as Tensor.DataTypeMap[DType], dims);
}
