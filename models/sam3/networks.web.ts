import { modelError } from '../errors.ts';
import { lazyNetworks } from '../lazy-networks.ts';
import type { FloatType } from '../onnx/types.ts';
import { openAll } from '../runtime.ts';
import type { WebRuntime } from '../runtime.web.ts';
import type { Segmenter } from '../segmenter.ts';
import type { WeightTable } from '../weights/table.ts';
import { openOverTable } from '../weights/table.web.ts';
import type { Sam3Config } from './config.ts';
import { SCORE_BYTES, browserBank, buildBrowserGraph, type BrowserGraph } from './formats.ts';
import { isFusedAttentionRight } from './fused-attention.ts';
import { defaultSam3Options, type Sam3Options } from './options.ts';
import type { PhraseReader } from './phrases.ts';
import { createSam3Segmenter } from './segmenter.ts';

/** SAM 3's packed file, and what the loops need besides it. */
export interface Sam3Table extends WeightTable {
	readonly config?: Sam3Config;
	/** `Sam3Constants` as plain numbers. */
	readonly constants?: { readonly noMemory: readonly number[]; readonly noObjectPointer: readonly number[] };
}

export interface OpenSam3Web {
	readonly runtime: WebRuntime;
	readonly about: Sam3Table;
	/** The packed file. */
	readonly weights: Blob;
	/** The side of the input in pixels, a multiple of the patch; see `inputSizes`. */
	readonly size: number;
	readonly precision: FloatType;
	/** Owned by the segmenter from now on. */
	readonly phrases: PhraseReader;
	/** Meta's choices, and objects one by one, when left out. */
	readonly options?: Sam3Options;
	readonly signal?: AbortSignal;
}

/** An object that is followed is as much as fills a graphics card, and scores of several at once would fill its memory. */
const webOptions: Sam3Options = {
	...defaultSam3Options,
	tracking: { ...defaultSam3Options.tracking, batch: 1 }
};

/** The graphs that are opened together, since whoever needs one needs the others. Clicks come first, the rest waits until it is needed. */
const groups = {
	clicks: ['vision', 'decoder'],
	concepts: ['geometry', 'detector', 'masks'],
	tracking: ['memoryAttention', 'memoryEncoder', 'maskMemory', 'maskDownsample']
} as const satisfies Readonly<Record<string, readonly BrowserGraph[]>>;

/**
 * Opens SAM 3 in a browser over its packed file. The vision encoder and the mask decoder are loaded at once; the detector and the
 * tracker's memory when they are first needed.
 * @throws CodedError `out-of-memory`, `gpu-lost`, `weights-missing`, `weights-shape`, `weights-other`; the signal's reason when it was
 * aborted
 * @throws RangeError when `size` is no multiple of the patch
 */
export async function openSam3Web(open: OpenSam3Web): Promise<Segmenter> {
	const { runtime, about, weights, size, precision, phrases, options = webOptions } = open;
	const { config, constants } = about;
	if (!config || !constants) throw modelError('weights-other', { name: 'SAM 3', found: 'another model' });
	const scoreBytes = (await isFusedAttentionRight(runtime, precision)) ? undefined : SCORE_BYTES;
	const weightsOf = new Map(Object.entries(about.tensors));
	const build = { weights: weightsOf, config, size, precision, scoreBytes };
	const openGroup = <Name extends BrowserGraph>(names: readonly Name[], signal?: AbortSignal) =>
		openAll(byName(names), (name) => {
			signal?.throwIfAborted();
			return openOverTable(runtime, buildBrowserGraph(name, build), about, weights);
		});
	const later = <const Name extends BrowserGraph>(names: readonly Name[]) =>
		lazyNetworks(names, (signal) => openGroup(names, signal));

	const networks = {
		...later(groups.concepts),
		...later(groups.tracking),
		...(await openGroup(groups.clicks, open.signal))
	};
	return createSam3Segmenter({
		...{ networks, config, size, phrases, options },
		constants: {
			noMemory: Float32Array.from(constants.noMemory),
			noObjectPointer: Float32Array.from(constants.noObjectPointer)
		},
		bank: browserBank(config)
	});
}

function byName<Name extends string>(names: readonly Name[]): Record<Name, Name> {
	return Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;
}
