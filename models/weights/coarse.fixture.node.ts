import { writeFile } from 'node:fs/promises';
import { openCheckpoint } from './checkpoint.node.ts';
import { elementsOf } from './checkpoint.ts';
import { fromFloat16, toFloat16 } from './float16.ts';
import { readFloats } from './pack.ts';
import { writeSafetensors, type TensorToWrite } from './safetensors-writer.ts';
import { standInMark } from './stand-in.ts';

/** Columns that share a scale in the form for browsers. */
const blockSize = 32;

/**
 * Rounds all weights of a small file of stand-in weights to what 4 bits in blocks, and half precision, hold without loss: what is computed
 * with them in the form for browsers differs by rounding only.
 */
export async function coarsenWeights(path: string): Promise<void> {
	const checkpoint = await openCheckpoint(path);
	const tensors = [...checkpoint.tensors].map(([name, { shape }]): TensorToWrite => ({
		...{ name, dtype: 'F32', shape },
		async *chunks() {
			const values = fromFloat16(toFloat16(await readFloats(checkpoint, name)));
			if (shape.length > 1) coarsenRows(values, elementsOf(shape.slice(1)));
			yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		}
	}));
	const chunks: Uint8Array[] = [];
	await writeSafetensors(tensors, { splazmatte: standInMark }, (chunk) => void chunks.push(chunk));
	await writeFile(path, Buffer.concat(chunks));
}

function coarsenRows(values: Float32Array, columns: number): void {
	for (let row = 0; row < values.length; row += columns)
		for (let at = row; at < row + columns; at += blockSize)
			coarsenBlock(values.subarray(at, Math.min(at + blockSize, row + columns)));
}

/** Rounds a block to whole multiples, from -8 to 7, of a scale that is a power of two; what lies farthest from zero becomes the -8. */
function coarsenBlock(block: Float32Array): void {
	const extreme = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
	if (extreme === 0) return;
	const scale = -Math.sign(extreme) * 2 ** Math.round(Math.log2(Math.abs(extreme) / 8));
	for (let i = 0; i < block.length; i++)
		block[i] = scale * (block[i] === extreme ? -8 : Math.min(7, Math.max(-8, Math.round(block[i]! / scale))));
}
