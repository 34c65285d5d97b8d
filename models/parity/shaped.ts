import type { Tensor } from 'onnxruntime-common';
import type { Answer } from './compare.ts';

/** A tensor of the public implementation, by its name. */
export type Named = readonly [name: string, tensor: Tensor];

/** Tensors as files hold them that keep each tensor's shape beside it, as `NAME.shape`. */
export async function* shaped(tensors: AsyncIterable<Named>): AsyncGenerator<Answer> {
	for await (const [name, tensor] of tensors) {
		yield { name, values: (await tensor.getData()) as Float32Array };
		yield { name: `${name}.shape`, values: tensor.dims };
	}
}
