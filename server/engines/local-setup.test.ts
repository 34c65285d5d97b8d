import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { sha256OfFile } from '../../models/hub/files.node.ts';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { localSegmenterSetup } from './local-setup.ts';

vi.mock('../../models/hub/files.node.ts', async (importOriginal) => {
	const files = await importOriginal<typeof import('../../models/hub/files.node.ts')>();
	return { ...files, sha256OfFile: vi.fn(files.sha256OfFile) };
});
vi.mock('./runtime-probe.ts', () => ({ probeRuntime: async () => ({ provider: 'cpu', reasons: [] }) }));

let folder: string;
afterEach(async () => {
	vi.unstubAllEnvs();
	await rm(folder, { recursive: true });
});

it('reads weights that someone put there once in a program, also where the disk keeps nothing of it', async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-local-setup-'));
	await writeSmallSam3(join(folder, 'sam3'));
	await writeFile(join(folder, 'file'), 'no folder');
	vi.stubEnv('SPLAZMATTE_WEIGHTS', folder);
	vi.stubEnv('SPLAZMATTE_WORKSPACE', join(folder, 'file'));

	const first = await localSegmenterSetup('sam3');
	expect(first).toMatchObject({ folder: join(folder, 'sam3'), provider: 'cpu' });
	expect(await localSegmenterSetup('sam3')).toEqual(first);
	const read = vi.mocked(sha256OfFile).mock.calls.filter(([path]) => path.endsWith('.safetensors'));
	expect(read).toHaveLength(1);
});
