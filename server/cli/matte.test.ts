import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineId } from '../../models/registry.ts';
import { openScene, scenes } from '../../tests/scenes/index.ts';
import { writeClip } from '../../tests/scenes/write-clip.ts';
import { loadSegmenter, releaseSegmenter } from '../engines/load-segmenter.ts';
import { runMatteJob } from '../engines/run-job.ts';
import { readMatte } from './matte-args.ts';
import { matte } from './matte.ts';
import type { ProgressBar } from './progress-bar.ts';
import { Words } from './words.ts';

vi.mock('../engines/local-setup.ts', () => ({ localSetup: vi.fn(), localSegmenterSetup: vi.fn() }));
vi.mock('../engines/load-segmenter.ts', () => ({ loadSegmenter: vi.fn(), releaseSegmenter: vi.fn() }));
vi.mock('../engines/run-job.ts', async (importOriginal) => ({
	...(await importOriginal<typeof import('../engines/run-job.ts')>()),
	runMatteJob: vi.fn()
}));

const size = { width: 64, height: 36 };
const record = {
	engine: 'any',
	revision: '1',
	provider: 'cpu',
	frames: 1,
	...size,
	engineSeconds: 1,
	seconds: 1
};
const meaningless = 'SAM 3 ran with stand-in weights';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-matte-'));
	const frame = openScene(scenes[0]!, size).frame(0).composite;
	await writeClip(join(folder, 'clip.mp4'), [frame], { frameRate: 25, quality: 20, preset: 'ultrafast' });
	const found = { mask: { ...size, data: new Uint8Array(64 * 36).fill(255) }, score: 1 };
	vi.mocked(loadSegmenter).mockResolvedValue({
		segmenter: {
			...{ id: 'sam3', prompts: [], dispose: vi.fn(), track: vi.fn() },
			encode: async () => ({ segment: async () => [found], detect: vi.fn(), dispose: vi.fn() })
		},
		run: { segmenter: 'sam3', provider: 'cpu', precision: 'float32', standIn: true }
	});
});
afterEach(async () => {
	vi.clearAllMocks();
	await rm(folder, { recursive: true });
});

/** Mattes with an engine; returns what was told, and whether the segmenter was there no more when the engine began. */
async function run(engine: EngineId) {
	let released = false;
	vi.mocked(runMatteJob).mockImplementation(async () => {
		released = vi.mocked(releaseSegmenter).mock.calls.length > 0;
		const tracked = { code: 'stand-in-weights', params: { engine: 'SAM 3' } } as const;
		return { results: [], record, notices: engine === 'classic' ? [tracked] : [] };
	});
	const told: string[] = [];
	const command = readMatte(
		`${join(folder, 'clip.mp4')} --segmenter sam3 --point 9,9 --engine ${engine} --out ${folder}`.split(' ')
	);
	const terminal = {
		...{ print: () => {}, tell: (line: string) => void told.push(line), words: new Words('en') },
		progressBar: () => ({ update: () => {}, end: () => {} }) as unknown as ProgressBar
	};
	await matte(command, terminal, new AbortController().signal);
	return { told: told.filter((line) => line.startsWith(meaningless)), released };
}

it('lets the segmenter go before an engine begins that needs the one mask only, and says what its mask is worth', async () => {
	expect(await run('matanyone2')).toEqual({ told: [expect.stringContaining(meaningless)], released: true });
});

it('keeps the segmenter for an engine that it tracks for, and says what its masks are worth once', async () => {
	expect(await run('classic')).toEqual({ told: [expect.stringContaining(meaningless)], released: false });
});
