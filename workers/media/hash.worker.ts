import { createSHA256 } from 'hash-wasm';
import { expose } from '../rpc.ts';

/** What the hashing worker does. */
export interface HashApi {
	/** SHA-256 of a file in lower-case hexadecimal, read piece by piece. */
	sha256(file: Blob, onProgress: (bytes: number) => void): Promise<string>;
}

const pieceBytes = 4 * 2 ** 20;

expose({
	async sha256(file, onProgress) {
		const hash = await createSHA256();
		for (let start = 0; start < file.size; start += pieceBytes) {
			const piece = await file.slice(start, start + pieceBytes).arrayBuffer();
			hash.update(new Uint8Array(piece));
			onProgress(start + piece.byteLength);
		}
		return hash.digest('hex');
	}
} satisfies HashApi);
