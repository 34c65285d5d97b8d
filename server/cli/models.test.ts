import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeHub, fakeCommit, noise } from '../../models/hub/fake-hub.node.ts';
import { UsageError } from './args.ts';
import { parseModelsCommand } from './models-args.ts';

const program = fileURLToPath(new URL('models.ts', import.meta.url));
const weights = noise(400_000);
const parse = (line: string) => parseModelsCommand(line.split(' ').filter(Boolean));

describe('the command line of models', () => {
	it('is read', () => {
		expect(parse('list')).toEqual({ name: 'list' });
		expect(
			parse('pull matanyone --accept-licence --revision v1 --endpoint http://hub.example')
		).toMatchObject({
			...{ name: 'pull', acceptLicence: true, revision: 'v1', endpoint: 'http://hub.example' },
			model: { id: 'matanyone' }
		});
		expect(parse('make-stand-in matanyone2 --gain 0.5')).toMatchObject({ name: 'make-stand-in', gain: 0.5 });
		expect(parse('make-stand-in videomama --half')).toMatchObject({
			model: { id: 'videomama' },
			dtype: 'float16'
		});
		expect(parse('-h')).toEqual({ name: 'help' });
	});

	it.each([
		['', 'No command'],
		['fetch', 'There is no command "fetch"'],
		['pull', 'takes one of matanyone2, matanyone'],
		['pull sam9', 'There is no model "sam9"; there are matanyone2'],
		['verify matanyone2 matanyone', '"matanyone" is too much'],
		['list matanyone2', 'too much'],
		['verify matanyone2 --gain 2', '"verify" has no option --gain'],
		['make-stand-in matanyone2 --gain 0', '--gain takes a number above 0'],
		['pull matanyone2 --half', '"pull" has no option --half'],
		['pull matanyone2 --endpoint hub.example', '--endpoint takes an address'],
		['list --nonsense', 'nonsense']
	])('refuses "%s"', (line, reason) => {
		expect(() => parse(line)).toThrow(UsageError);
		expect(() => parse(line)).toThrow(reason);
	});
});

describe('npm run models', () => {
	let folder: string;
	let hub: FakeHub;
	const file = (name: string) => join(folder, 'matanyone2', name);

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'splazmatte-models-cli-'));
		hub = await FakeHub.start('PeiqingYang/MatAnyone2', {
			'config.json': '{}',
			'model.safetensors': weights
		});
	});
	afterEach(async () => {
		await hub.stop();
		await rm(folder, { recursive: true, force: true });
	});

	function start(line: string) {
		const child = spawn(process.execPath, ['--import', 'tsx', program, ...line.split(' ')], {
			env: {
				...{ ...process.env, LANG: 'en_US.UTF-8', LC_ALL: '', HF_TOKEN: '' },
				...{ HF_ENDPOINT: hub.endpoint, SPLAZMATTE_WEIGHTS: folder }
			},
			stdio: ['ignore', 'pipe', 'pipe']
		});
		let [out, err] = ['', ''];
		child.stdout.on('data', (text) => (out += text));
		child.stderr.on('data', (text) => (err += text));
		const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
			child.on('close', (code) => resolve({ code, out, err }))
		);
		return { child, ended };
	}
	const run = (line: string) => start(line).ended;

	/** Waits until so many bytes of the weights are on the disk. */
	async function arrival(bytes: number, { child }: ReturnType<typeof start>): Promise<void> {
		const part = () => stat(file('model.safetensors.part')).catch(() => undefined);
		while (((await part())?.size ?? 0) < bytes) {
			if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
			await sleep(20);
		}
	}

	it('asks for the licence, downloads, lists, checks and removes', async () => {
		const refused = await run('pull matanyone2');
		expect(refused.code).toBe(1);
		expect(refused.err).toMatch(/S-Lab License 1\.0 \(https:.*--accept-licence/s);

		const pulled = await run('pull matanyone2 --accept-licence');
		expect(pulled).toMatchObject({ code: 0, out: expect.stringContaining(fakeCommit) });
		expect(weights.equals(await readFile(file('model.safetensors')))).toBe(true);

		expect((await run('list')).out).toMatch(
			/matanyone2 +installed .*no commercial use\nmatanyone +not installed/
		);
		expect((await run('show matanyone2')).out).toMatch(
			/not allowed.*Accepted +\d{4}-.*SHA-256 [0-9a-f]{64}/s
		);
		await writeFile(file('model.safetensors'), weights.subarray(1));
		const wrong = await run('verify matanyone2');
		expect(wrong.code).toBe(1);
		expect(wrong.err).toContain('model.safetensors of MatAnyone 2 is missing, or is not what was downloaded');
		expect((await run('remove matanyone2')).out).toContain('removed');
		expect(await readdir(folder)).toEqual([]);
	});

	it('goes on where it was killed, and where it was interrupted', async () => {
		hub.holdAfter = 100_000;
		const killed = start('pull matanyone2 --accept-licence');
		await arrival(100_000, killed);
		killed.child.kill('SIGKILL');
		await killed.ended;

		const interrupted = start('pull matanyone2');
		await arrival(200_000, interrupted);
		interrupted.child.kill('SIGINT');
		const { code, err } = await interrupted.ended;
		expect({ code, err }).toEqual({ code: 130, err: expect.stringContaining('is kept') });

		hub.release();
		expect((await run('pull matanyone2')).code).toBe(0);
		expect(hub.downloads).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
		expect(weights.equals(await readFile(file('model.safetensors')))).toBe(true);
	});

	it('says which page to visit, and what is wrong with the settings', async () => {
		hub.token = 'hf_right';
		const gated = await run('pull matanyone2 --accept-licence --token hf_wrong');
		expect(gated.code).toBe(1);
		expect(gated.err).toContain(`Visit ${hub.endpoint}/PeiqingYang/MatAnyone2`);
		expect(gated.err).toContain('HF_TOKEN');
		expect(await run('pull matanyone2 --accept-licence --token nonsense')).toMatchObject({
			code: 1,
			err: expect.stringContaining('hf_')
		});
		expect(await run('list matanyone2')).toMatchObject({ code: 2, err: expect.stringContaining('Usage:') });
	});
});
