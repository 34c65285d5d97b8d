import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelError } from '../errors.ts';
import type { NodeRuntime } from '../runtime.node.ts';
import { memoryTogether, onCard } from './estimate.ts';
import { videoMaMaOpener } from './open.node.ts';
import { writeSmallVideoMaMa } from './small-checkpoint.fixture.node.ts';

const size = { width: 64, height: 64 };
const frames = 16;

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-videomama-'));
	await writeSmallVideoMaMa(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** A runtime that counts the networks that are open; `room`: how many find memory. */
function counting(room = Infinity) {
	const open = { now: 0, most: 0 };
	const runtime: NodeRuntime = {
		...{ provider: 'cuda', reasons: [] },
		async open() {
			if (open.now === room) throw modelError('out-of-memory');
			open.most = Math.max(open.most, ++open.now);
			return { run: async () => ({}), release: async () => void open.now-- };
		}
	};
	return { open, runtime };
}

async function openAndRun(runtime: NodeRuntime, memory: number): Promise<void> {
	const opener = await videoMaMaOpener({ folder, cache: folder, runtime, precision: 'float16', memory });
	const { encoder, unet, decoder } = await opener(size, frames);
	for (const network of [encoder, encoder, unet, decoder, encoder]) await network.run({});
	await Promise.all([encoder, unet, decoder].map((network) => network.release()));
}

const together = memoryTogether(size, frames, onCard);

it.each([
	['one network at a time where there is no room for all that they keep', together - 1, 1],
	['all networks where there is', together, 3]
] as const)('holds %s', async (_, memory, most) => {
	const { open, runtime } = counting();
	await openAndRun(runtime, memory);
	expect(open).toEqual({ now: 0, most });
	expect((await readdir(folder)).filter((name) => name.startsWith('packed-'))).toHaveLength(1);
});

it('keeps nothing open when one of them finds no memory', async () => {
	const { open, runtime } = counting(2);
	await expect(openAndRun(runtime, together)).rejects.toMatchObject({ code: 'out-of-memory' });
	expect(open.now).toBe(0);
});
