import { join } from 'node:path';
import { z } from 'zod';
import type { EngineId } from '../../models/registry.ts';
import { engineId } from '../protocol/schema.ts';
import { readJson, writeJson } from './json.ts';

const paces = z.partialRecord(engineId, z.number().positive());

/** How fast each engine was on this machine, in pixels a second over whole jobs: what a job's first estimate is made from. */
export class PaceStore {
	private constructor(
		private readonly file: string,
		private readonly paces: Partial<Record<EngineId, number>>
	) {}

	static async open(root: string): Promise<PaceStore> {
		const file = join(root, 'pace.json');
		return new PaceStore(file, (await readJson(file, paces).catch(() => undefined)) ?? {});
	}

	get(engine: EngineId): number | undefined {
		return this.paces[engine];
	}

	/** Takes a finished job in; the newest jobs count most. */
	async learn(engine: EngineId, pixelsPerSecond: number): Promise<void> {
		const known = this.paces[engine] ?? pixelsPerSecond;
		this.paces[engine] = (known + pixelsPerSecond) / 2;
		await writeJson(this.file, this.paces);
	}
}
