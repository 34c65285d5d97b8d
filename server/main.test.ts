import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'splazmatte-main-'))));
afterAll(() => rm(directory, { recursive: true }));

/** Starts the program far from its own folder. */
function start(settings: Record<string, string>, args: string[] = []) {
	const env = { ...process.env, SPLAZMATTE_WORKSPACE: join(directory, 'workspace'), ...settings };
	const child = spawn(process.execPath, ['--import', tsx, main, ...args], { env, cwd: directory });
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
	return { child, code: once(child, 'close').then(([code]) => ({ code: code as number, output })) };
}

describe('the program', () => {
	it('serves until it is told to stop, and alone in its workspace', async () => {
		const first = start({ PORT: '0' });
		let address: string | undefined;
		for await (const line of createInterface({ input: first.child.stdout })) {
			address = /runs at (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
			if (address) break;
		}
		expect((await fetch(`${address}/api/health`)).status).toBe(200);

		const second = await start({ PORT: '0' }).code;
		expect(second.code).toBe(1);
		expect(second.output).toContain(`already runs at ${address}`);
		const port = new URL(address!).port;
		const third = await start({ PORT: port, SPLAZMATTE_WORKSPACE: join(directory, 'other') }).code;
		expect(third.code).toBe(1);
		expect(third.output).toContain(`Cannot listen on 127.0.0.1:${port}`);

		first.child.kill('SIGTERM');
		expect((await first.code).code).toBe(0);
	});

	it('says what is wrong with a setting', async () => {
		const { code, output } = await start({ PORT: 'abc' }).code;
		expect(code).toBe(2);
		expect(output).toContain('PORT must be a whole number from 0 to 65535');
		expect(output).not.toMatch(/\n\s+at /);
	});

	it('explains itself', async () => {
		const { code, output } = await start({}, ['--help']).code;
		expect(code).toBe(0);
		expect(output).toContain('SPLAZMATTE_WORKSPACE');
	});
});
