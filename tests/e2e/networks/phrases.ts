import type { PhraseReader } from '../../../models/sam3/phrases.ts';
import { unit } from '../../../models/weights/stand-in.ts';

/** Reads nothing: every phrase is the same three tokens. */
export const phrases: PhraseReader = {
	check() {},
	tokens: () => Promise.resolve(Float32Array.from(unit('phrase', 3 * 256))),
	dispose: () => Promise.resolve()
};
