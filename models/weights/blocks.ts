/**
 * Matrices in blocks of 4 bits, as com.microsoft.MatMulNBits takes them (onnxruntime/docs/ContribOperators.md): a row [K] is cut
 * into blocks, each with a scale; a code c of 0 to 15 means (c - 8) * scale, and two codes share a byte, the first in its lower half.
 */
export function blocksPerRow(columns: number, blockSize: number): number {
	return Math.ceil(columns / blockSize);
}

/** What lies past the end of a row: two codes of zero. */
const zeros = 0x88;

/**
 * Quantises whole rows; in each block the value of largest magnitude is met exactly.
 * @param values [rows, columns]
 * @param blockSize a power of two, 16 to 128
 * @returns codes [rows, blocks, blockSize / 2] and scales [rows, blocks]
 */
export function quantiseRows(
	values: Float32Array,
	columns: number,
	blockSize: number
): { codes: Uint8Array; scales: Float32Array } {
	const blocks = blocksPerRow(columns, blockSize);
	const scales = new Float32Array((values.length / columns) * blocks);
	const codes = new Uint8Array((scales.length * blockSize) / 2).fill(zeros);
	for (let i = 0; i < scales.length; i++) {
		const row = Math.floor(i / blocks);
		const start = row * columns + (i % blocks) * blockSize;
		const block = values.subarray(start, Math.min(start + blockSize, (row + 1) * columns));
		scales[i] = quantiseBlock(block, codes.subarray((i * blockSize) / 2));
	}
	return { codes, scales };
}

/** Fills `codes` and returns the block's scale: code 0, which lies farthest from 8, stands for the value of largest magnitude. */
function quantiseBlock(block: Float32Array, codes: Uint8Array): number {
	let extreme = 0;
	for (const value of block) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
	const scale = extreme / -8;
	if (scale === 0) return 0;
	for (let i = 0; i < block.length; i++) {
		const code = Math.min(15, Math.round(block[i]! / scale) + 8);
		const byte = codes[i >> 1]!;
		codes[i >> 1] = i & 1 ? (byte & 0x0f) | (code << 4) : (byte & 0xf0) | code;
	}
	return scale;
}
