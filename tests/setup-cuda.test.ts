import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cudaProviderFiles, runtimeFolder } from '../models/cuda.node.ts';

const isSetUp = () => cudaProviderFiles.some((file) => existsSync(join(runtimeFolder(), file)));
const canRun = process.platform === 'linux' && process.arch === 'x64' && !isSetUp();

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-setup-'));
});
afterEach(() => rm(root, { recursive: true }));

it.runIf(canRun)('installs no native code but the one that is known, and leaves nothing behind', async () => {
	const scratch = join(root, 'scratch');
	await mkdir(scratch);
	// An npm whose registry has another archive under the name.
	const npm = `#!/bin/sh\nfor folder; do :; done\necho other > "$folder/a.tgz"\necho '[{"filename":"a.tgz"}]'\n`;
	await writeFile(join(root, 'npm'), npm, { mode: 0o755 });
	const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/setup-cuda.mjs'], {
		encoding: 'utf8',
		env: { ...process.env, PATH: `${root}${delimiter}${process.env.PATH}`, TMPDIR: scratch }
	});
	expect(stderr).toContain('is not what it should be');
	expect(status).toBe(1);
	expect((await readdir(scratch)).filter((name) => name.startsWith('splazmatte-'))).toEqual([]);
	expect(isSetUp()).toBe(false);
});
