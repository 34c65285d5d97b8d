import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Alpha, Size } from '../../models/frame.ts';
import type { UnfinishedMatte } from '../../models/matte-clip.ts';
import type { MatterCheckpoint } from '../../models/matter.ts';
import { packAlpha, unpackAlpha } from '../../models/packed-alpha.ts';
import { packedText, packMask, parsePacked, unpackMask } from '../../models/packed-mask.ts';
import type { Keyframes, KnownMask } from '../../models/tracking.ts';
import { packedText as packedTextSchema } from '../protocol/basics.ts';
import { segmenterRun, type SegmenterRun } from '../protocol/prompts.ts';
import { readJson, replaceFile, writeJson } from './json.ts';

/** What work belongs to: with another of them, nothing of it is of use. */
const makingFile = z.object({
	/** Names what is made, with what. */
	key: z.string(),
	/** Of the clip. */
	frames: z.number().int(),
	width: z.number().int(),
	height: z.number().int()
});
export type Making = z.infer<typeof makingFile>;

const masksFile = z.object({
	/** What tracked them. */
	run: segmenterRun,
	masks: z.array(z.tuple([z.number().int(), packedTextSchema]))
});

/** Masks that were tracked, by their frames. */
export interface KeptMasks {
	readonly run: SegmenterRun;
	readonly masks: Keyframes;
}

const files = {
	making: 'making.json',
	masks: 'masks.json',
	alpha: (index: number) => `${digits(index)}.alpha`,
	checkpoint: (frames: number) => `${digits(frames)}.checkpoint`
};

/** Checkpoints that are kept: alphas of the newest may still be on their way. */
const CHECKPOINTS = 2;

/**
 * What a job under way has made, in a folder: `masks.json`, an alpha for each frame, and where the matter can go on. Every file is whole,
 * whenever the process ends.
 */
export class UnfinishedWork implements UnfinishedMatte {
	#checkpoints: readonly number[];

	private constructor(
		private readonly folder: string,
		private readonly size: Size,
		readonly frames: number,
		readonly from: MatterCheckpoint | undefined
	) {
		this.#checkpoints = from ? [from.frames] : [];
	}

	/** Opens a folder, which need not be there; what it holds of other work is removed, and what cannot be gone on from. */
	static async open(folder: string, making: Making): Promise<UnfinishedWork> {
		const before = await readMaking(folder);
		if (!isDeepStrictEqual(before, making)) {
			await rm(folder, { recursive: true, force: true });
			await mkdir(folder, { recursive: true });
			await writeJson(join(folder, files.making), making);
		}
		const names = await readdir(folder);
		const whole = await countWhole(folder, names, making);
		const frames = goesOnBehind(names, whole, making);
		const checkpoint = files.checkpoint(frames);
		const from =
			frames > 0 && frames < making.frames
				? { frames, state: await readFile(join(folder, checkpoint)) }
				: undefined;
		const kept = new Set<string>([files.making, files.masks]);
		if (from) kept.add(checkpoint);
		for (let index = 0; index < frames; index++) kept.add(files.alpha(index));
		for (const name of names) if (!kept.has(name)) await rm(join(folder, name), { force: true });
		return new UnfinishedWork(folder, making, frames, from);
	}

	/** How many frames are done of the work in a folder, as its files' names tell; 0 where there is none. */
	static async frames(folder: string): Promise<number> {
		const making = await readMaking(folder);
		if (!making) return 0;
		const names = await readdir(folder);
		return goesOnBehind(names, countNamed(names, making), making);
	}

	/** The masks that were tracked; undefined where they are not there to the last one. */
	async masks(): Promise<KeptMasks | undefined> {
		const kept = await readJson(join(this.folder, files.masks), masksFile).catch(() => undefined);
		if (!kept) return undefined;
		const masks = kept.masks.map(([index, text]): [number, KnownMask] => {
			const packed = parsePacked(text);
			return [index, { isEmpty: packed.isEmpty, open: () => unpackMask(packed) }];
		});
		return { run: kept.run, masks: new Map(masks) };
	}

	async keepMasks({ run, masks }: KeptMasks): Promise<void> {
		const texts = [...masks].map(([index, mask]) => [index, packedText(packMask(mask.open()))] as const);
		await writeJson(join(this.folder, files.masks), { run, masks: texts });
	}

	async read(index: number): Promise<Alpha> {
		return readAlpha(this.folder, index, this.size);
	}

	async write(index: number, alpha: Alpha): Promise<void> {
		const { packed } = await packAlpha(alpha);
		await replaceFile(join(this.folder, files.alpha(index)), new Uint8Array(await packed.arrayBuffer()));
	}

	async keep({ frames, state }: MatterCheckpoint): Promise<void> {
		await replaceFile(join(this.folder, files.checkpoint(frames)), state);
		const all = [...this.#checkpoints, frames];
		for (const old of all.slice(0, -CHECKPOINTS)) {
			await rm(join(this.folder, files.checkpoint(old)), { force: true });
		}
		this.#checkpoints = all.slice(-CHECKPOINTS);
	}
}

function readMaking(folder: string): Promise<Making | undefined> {
	return readJson(join(folder, files.making), makingFile).catch(() => undefined);
}

/** Behind which frame work can go on: all of them, or as far as the last checkpoint that has its alphas. */
function goesOnBehind(names: readonly string[], alphas: number, { frames }: Making): number {
	if (alphas === frames) return frames;
	const checkpoints = names.filter((name) => name.endsWith('.checkpoint')).map((name) => parseInt(name, 10));
	return Math.max(0, ...checkpoints.filter((checkpoint) => checkpoint <= alphas));
}

/** Alphas from the first one on, none missing. */
function countNamed(names: readonly string[], { frames }: Making): number {
	const there = new Set(names);
	let count = 0;
	while (count < frames && there.has(files.alpha(count))) count++;
	return count;
}

/** The same of alphas that can be read. */
async function countWhole(folder: string, names: readonly string[], making: Making): Promise<number> {
	const named = countNamed(names, making);
	for (let index = 0; index < named; index++) {
		const alpha = await readAlpha(folder, index, making).catch(() => undefined);
		if (!alpha) return index;
	}
	return named;
}

async function readAlpha(folder: string, index: number, { width, height }: Size): Promise<Alpha> {
	const packed = new Blob([await readFile(join(folder, files.alpha(index)))]);
	return unpackAlpha({ width, height, packed });
}

const digits = (number: number) => String(number).padStart(6, '0');
