import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from './checkpoint.ts';
import { writePacked, type PackOptions } from './pack.ts';
import { packedStem, type WeightPlan } from './place.ts';
import { partMark, writeWhole } from './write-whole.node.ts';

/** Leftovers of a crash are older than this; what is younger may be another process's work. In milliseconds. */
const leftoverAge = 3_600_000;

/**
 * Makes sure that a plan's packed file lies in a folder: written once, found again by its name afterwards.
 * @returns the file's path; undefined when the plan needs none
 * @throws CodedError `disk-full`, `weights-damaged`
 */
export async function ensurePacked(
	plan: WeightPlan,
	checkpoint: Checkpoint,
	folder: string,
	options: PackOptions = {}
): Promise<string | undefined> {
	if (plan.bytes === 0) return undefined;
	const path = join(folder, plan.file);
	const found = await stat(path).catch(() => undefined);
	if (found?.size !== plan.bytes) {
		await writeWhole(path, plan.bytes, (write) => writePacked(plan, checkpoint, write, options));
	}
	await removeOutdated(plan, folder);
	return path;
}

/** Removes packed files of the same graphs over a checkpoint that has been replaced since, and what a crash left of any. */
async function removeOutdated({ file }: WeightPlan, folder: string): Promise<void> {
	const stem = packedStem(file);
	for (const name of await readdir(folder)) {
		const path = join(folder, name);
		const older = name.startsWith(stem) && !name.startsWith(file) && !name.includes(partMark);
		if (older || (name.startsWith('packed-') && name.includes(partMark) && (await isLeftover(path)))) {
			await rm(path, { force: true });
		}
	}
}

async function isLeftover(path: string): Promise<boolean> {
	const found = await stat(path).catch(() => undefined);
	return found !== undefined && Date.now() - found.mtimeMs > leftoverAge;
}
