import { createSHA256 } from 'hash-wasm';
import { describeResult, type ResultMaker, type ResultMaking } from '$protocol/key.ts';

/** Characters that are hashed at once: masks of many frames may be as long as a film. */
const CHUNK = 2 ** 21;

/** The key of the result that a job would make; see `describeResult`. The page stays alive meanwhile. */
export async function resultKey(making: ResultMaking, maker: ResultMaker): Promise<string> {
	const text = describeResult(making, maker);
	const hash = await createSHA256();
	const encoder = new TextEncoder();
	for (let start = 0; start < text.length;) {
		if (start > 0) await new Promise((resolve) => setTimeout(resolve));
		// A character outside of the basic plane is two units, which stay together.
		const end = start + CHUNK - Number(isFirstHalf(text.charCodeAt(start + CHUNK - 1)));
		hash.update(encoder.encode(text.slice(start, end)));
		start = end;
	}
	return hash.digest();
}

function isFirstHalf(unit: number): boolean {
	return unit >= 0xd800 && unit < 0xdc00;
}
