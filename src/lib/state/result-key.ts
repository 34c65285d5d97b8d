import { sha256 } from 'hash-wasm';
import { describeResult, type ResultMaker, type ResultMaking } from '$protocol/key.ts';

/** The key of the result that a job would make; see `describeResult`. */
export function resultKey(making: ResultMaking, maker: ResultMaker): Promise<string> {
	return sha256(describeResult(making, maker));
}
