import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSmallTranslator } from '../../models/opus/small-checkpoint.fixture.node.ts';
import { routes } from '../protocol/routes.ts';
import { translation } from '../protocol/translate.ts';
import { TestServer } from '../testing/harness.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => {
	// The real thing translates.
	server = await TestServer.start({}, { engineHost: new URL('../engines/host.ts', import.meta.url) });
	folder = join(server.workspace, '../weights/opus-mt-zh-en');
});
afterAll(() => server.stop());

const ask = (body: unknown) => server.fetch(routes.translate, { method: 'POST', body: JSON.stringify(body) });

async function refusal(words: unknown) {
	const answer = await ask({ words });
	return { status: answer.status, body: await answer.json() };
}

describe('words', () => {
	it('are not translated where the translator is not installed', async () => {
		expect(await refusal('穿红衣服的人')).toEqual({
			status: 404,
			body: { code: 'model-absent', params: { name: 'OPUS-MT zh-en' } }
		});
	});

	it('are put into English where it is', async () => {
		await writeSmallTranslator(folder);
		const answer = await ask({ words: '穿红衣服的人' });
		expect(answer.status).toBe(200);
		expect(translation.parse(await answer.json())).toMatchObject({
			...{ by: 'opus-mt', provider: 'cpu', standIn: true, english: expect.any(String) }
		});
	});

	it('that say nothing are refused', async () => {
		expect(await refusal('  ')).toMatchObject({ status: 422, body: { code: 'words-empty' } });
		expect(await refusal('\u200b')).toMatchObject({ status: 422, body: { code: 'words-empty' } });
	});

	it('that are no phrase any more are refused', async () => {
		expect(await refusal('红'.repeat(300))).toMatchObject({
			...{ status: 422, body: { code: 'words-long', params: { limit: 127 } } }
		});
		expect(await refusal('红'.repeat(1001))).toMatchObject({ status: 400 });
		expect(await refusal(7)).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
	});

	it('are refused with the reason when a file beside the weights is wrong', async () => {
		await writeFile(join(folder, 'config.json'), '{"model_type": "t5"}');
		expect((await refusal('人')).body).toEqual({
			code: 'weights-other',
			params: { name: 'OPUS-MT zh-en', found: 't5' }
		});
		await rm(join(folder, 'config.json'));
		expect((await refusal('人')).body).toMatchObject({
			code: 'model-damaged',
			params: { file: 'config.json' }
		});
	});
});
