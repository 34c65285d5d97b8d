import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfig, limitsOf } from '../config.ts';
import { probeApart } from './probe.ts';

const log = pino({ level: 'silent' });
const limits = limitsOf(defaultConfig);
const sample = fileURLToPath(new URL('../../static/sample/sample.mp4', import.meta.url));
let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'splazmatte-probe-'))));
afterAll(() => rm(directory, { recursive: true }));

/** Probes with another module in the process. */
async function probeWith(code: string, patience?: number) {
	const path = join(directory, `${patience ?? 'crash'}.mjs`);
	await writeFile(path, code);
	return probeApart(sample, limits, { log, module: pathToFileURL(path), patience });
}

describe('probing in a process of its own', () => {
	it('tells what a clip is', async () => {
		const facts = await probeApart(sample, limits, { log });
		expect(facts).toMatchObject({ container: 'mp4', codec: 'h264' });
		expect(facts.frames).toBeGreaterThan(0);
	});

	it('tells why a file is none', async () => {
		const path = join(directory, 'list.mp4');
		await writeFile(path, '#EXTM3U\n#EXTINF:1,\n/etc/passwd\n');
		await expect(probeApart(path, limits, { log })).rejects.toMatchObject({ code: 'clip-not-video' });
	});

	it('holds the limits', async () => {
		const short = { ...limits, shortSide: 16 };
		await expect(probeApart(sample, short, { log })).rejects.toMatchObject({ code: 'clip-too-big' });
	});

	it('survives a file that crashes it', async () => {
		await expect(probeWith('process.abort()')).rejects.toMatchObject({ code: 'clip-damaged' });
	});

	it('does not wait for ever', async () => {
		await expect(probeWith('setInterval(() => {}, 1000)', 500)).rejects.toMatchObject({
			code: 'clip-damaged'
		});
	});
});
