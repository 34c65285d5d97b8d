import { mkdir, readdir, rm } from 'node:fs/promises';
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
import { readJson, writeJson } from './json.ts';
import { readSealed, writeSealed } from './sealed.ts';

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
	masks: 'tracked.masks',
	alpha: (index: number) => `${digits(index)}.alpha`,
	checkpoint: (frames: number) => `${digits(frames)}.checkpoint`
};

/** Checkpoints that are kept: alphas of the newest may still be on their way. */
const CHECKPOINTS = 2;

/**
 * What a job under way has made, in a folder: its tracked masks, an alpha for each frame, and where the matter can go on. Every file is whole,
 * whenever the process ends, and what is damaged later is not used.
 */
export class UnfinishedWork implements UnfinishedMatte {
	#checkpoints: readonly number[];

	private constructor(
		private readonly folder: string,
		private readonly size: Size,
		readonly from: MatterCheckpoint | undefined
	) {
		this.#checkpoints = from ? [from.frames] : [];
	}

	/** How many frames have their final alpha. */
	get frames(): number {
		return this.from?.frames ?? 0;
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
		const from = await lastWhole(folder, names, await countWhole(folder, names, making));
		const frames = from?.frames ?? 0;
		const kept = new Set<string>([files.making, files.masks]);
		if (from) kept.add(files.checkpoint(frames));
		for (let index = 0; index < frames; index++) kept.add(files.alpha(index));
		for (const name of names) if (!kept.has(name)) await rm(join(folder, name), { force: true });
		return new UnfinishedWork(folder, making, from);
	}

	/** How many frames are done of the work in a folder, as its files' names tell; 0 where there is none. */
	static async frames(folder: string): Promise<number> {
		const making = await readMaking(folder);
		if (!making) return 0;
		const names = await readdir(folder);
		return checkpoints(names, countNamed(names, making))[0] ?? 0;
	}

	/** The masks that were tracked; undefined where they are not there, or damaged. */
	async masks(): Promise<KeptMasks | undefined> {
		const bytes = await readSealed(join(this.folder, files.masks)).catch(() => undefined);
		if (!bytes) return undefined;
		const kept = masksFile.parse(JSON.parse(bytes.toString()));
		const masks = kept.masks.map(([index, text]): [number, KnownMask] => {
			const packed = parsePacked(text);
			return [index, { isEmpty: packed.isEmpty, open: () => unpackMask(packed) }];
		});
		return { run: kept.run, masks: new Map(masks) };
	}

	async keepMasks({ run, masks }: KeptMasks): Promise<void> {
		const texts = [...masks].map(([index, mask]) => [index, packedText(packMask(mask.open()))] as const);
		await writeSealed(join(this.folder, files.masks), JSON.stringify({ run, masks: texts }));
	}

	async read(index: number): Promise<Alpha> {
		const { width, height } = this.size;
		const packed = new Blob([await readSealed(join(this.folder, files.alpha(index)))]);
		return unpackAlpha({ width, height, packed });
	}

	async write(index: number, alpha: Alpha): Promise<void> {
		const { packed } = await packAlpha(alpha);
		await writeSealed(join(this.folder, files.alpha(index)), new Uint8Array(await packed.arrayBuffer()));
	}

	async keep({ frames, state }: MatterCheckpoint): Promise<void> {
		await writeSealed(join(this.folder, files.checkpoint(frames)), state);
		const all = [...this.#checkpoints.filter((other) => other !== frames), frames];
		for (const old of all.slice(0, -CHECKPOINTS)) {
			await rm(join(this.folder, files.checkpoint(old)), { force: true });
		}
		this.#checkpoints = all.slice(-CHECKPOINTS);
	}
}

function readMaking(folder: string): Promise<Making | undefined> {
	return readJson(join(folder, files.making), makingFile).catch(() => undefined);
}

/** The checkpoints of which so many alphas are enough, as the numbers of their frames, the last one first. */
function checkpoints(names: readonly string[], alphas: number): number[] {
	const all = names.filter((name) => name.endsWith('.checkpoint')).map((name) => parseInt(name, 10));
	return all.filter((frames) => frames <= alphas).sort((a, b) => b - a);
}

/** The last of them that is not damaged. */
async function lastWhole(
	folder: string,
	names: readonly string[],
	alphas: number
): Promise<MatterCheckpoint | undefined> {
	for (const frames of checkpoints(names, alphas)) {
		const state = await readSealed(join(folder, files.checkpoint(frames))).catch(() => undefined);
		if (state) return { frames, state };
	}
	return undefined;
}

/** Alphas from the first one on, none missing. */
function countNamed(names: readonly string[], { frames }: Making): number {
	const there = new Set(names);
	let count = 0;
	while (count < frames && there.has(files.alpha(count))) count++;
	return count;
}

/** The same of alphas that are not damaged. */
async function countWhole(folder: string, names: readonly string[], making: Making): Promise<number> {
	const named = countNamed(names, making);
	for (let index = 0; index < named; index++) {
		const alpha = await readSealed(join(folder, files.alpha(index))).catch(() => undefined);
		if (!alpha) return index;
	}
	return named;
}

const digits = (number: number) => String(number).padStart(6, '0');
