import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, defaultConfig, helpText, loadConfig } from './config.ts';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'splazmatte-config-'))));
afterAll(() => rmSync(directory, { recursive: true }));

const withFile = (content: string) => {
	const file = join(directory, 'settings.json');
	writeFileSync(file, content);
	return { SPLAZMATTE_CONFIG: file };
};

describe('the configuration', () => {
	it('has initial values', () => {
		const config = loadConfig({}, directory);
		const folders = { workspace: join(directory, 'workspace'), weights: join(directory, 'models/.weights') };
		expect(config).toEqual({ ...defaultConfig, ...folders });
		expect(config).toMatchObject({ port: 8787, host: '127.0.0.1', maxSeconds: 60, portGiven: false });
	});

	it('takes variables before the file', () => {
		const env = withFile('{"port": 9000, "maxSeconds": 10, "allowedHosts": ["matte.example"]}');
		const config = loadConfig({ ...env, SPLAZMATTE_MAX_SECONDS: '20' }, directory);
		expect(config).toMatchObject({ port: 9000, maxSeconds: 20, portGiven: true });
		expect(config.allowedHosts).toEqual(['matte.example']);
	});

	it('splits lists and resolves the workspace', () => {
		const env = { SPLAZMATTE_ALLOWED_HOSTS: 'a.example, b.example', SPLAZMATTE_WORKSPACE: 'elsewhere' };
		const config = loadConfig(env, directory);
		expect(config.allowedHosts).toEqual(['a.example', 'b.example']);
		expect(config.workspace).toBe(join(directory, 'elsewhere'));
	});

	it.each([
		[{ PORT: 'abc' }, 'PORT must be a whole number from 0 to 65535; it is not a number'],
		[{ PORT: '' }, 'PORT must be a whole number from 0 to 65535; it is ""'],
		[{ PORT: '70000' }, 'PORT must be a whole number from 0 to 65535; it is 70000'],
		[{ HF_ENDPOINT: 'hf-mirror.com' }, 'HF_ENDPOINT must be an address such as https://huggingface.co'],
		[{ SPLAZMATTE_LOG_LEVEL: 'loud' }, 'SPLAZMATTE_LOG_LEVEL must be one of'],
		[
			{ SPLAZMATTE_CONFIG: '/nowhere.json' },
			'SPLAZMATTE_CONFIG names a file that is not there: /nowhere.json'
		]
	])('refuses %o', (env, message) => {
		expect(() => loadConfig(env, directory)).toThrow(ConfigError);
		expect(() => loadConfig(env, directory)).toThrow(message);
	});

	it.each([
		['{"prot": 1}', 'there is no setting "prot"'],
		['{"maxSeconds": "long"}', '"maxSeconds" must be a whole number from 1 to 86400; it is "long"'],
		['{"port":', 'must be JSON'],
		['[1]', 'must be JSON, an object with settings']
	])('refuses a file with %s', (content, message) => {
		expect(() => loadConfig(withFile(content), directory)).toThrow(message);
	});

	it('is told by --help', () => {
		expect(helpText()).toMatch(/PORT +port +port to listen on.*\[8787\]/);
		expect(helpText()).toMatch(/SPLAZMATTE_WORKSPACE .*\[workspace\]/);
	});
});
