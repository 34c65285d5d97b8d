import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime.node.ts';
import { openTranslator } from './open.node.ts';
import { smallConfigJson, writeSmallTranslator } from './small-checkpoint.fixture.node.ts';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-opus-'));
	await writeSmallTranslator(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function open() {
	return openTranslator({ folder, cache: folder, runtime: await createNodeRuntime({ providers: ['cpu'] }) });
}

it('says the same of the same words, and stops when nobody waits', async () => {
	const translator = await open();
	const first = await translator.translate('穿红衣服的人');
	expect(await translator.translate('穿红衣服的人')).toBe(first);
	const stop = new AbortController();
	stop.abort(new Error('enough'));
	await expect(translator.translate('人', stop.signal)).rejects.toThrow('enough');
	await translator.dispose();
});

it.each([
	['source.spm', 'no pieces', 'weights-damaged'],
	['vocab.json', '{', 'weights-damaged'],
	['config.json', '{"model_type": "t5"}', 'weights-other'],
	['config.json', '{"model_type": "marian"}', 'weights-damaged'],
	['model.safetensors', '', 'weights-damaged']
])('says what is wrong with %s', async (file, content, code) => {
	await writeFile(join(folder, file), content);
	await expect(open()).rejects.toMatchObject({ code });
});

it.each(['source.spm', 'vocab.json', 'config.json'])('says that %s is missing', async (file) => {
	await rm(join(folder, file));
	await expect(open()).rejects.toMatchObject({ code: 'model-damaged', params: { file } });
});

it('says which tensor is not there', async () => {
	await writeFile(join(folder, 'config.json'), JSON.stringify({ ...smallConfigJson, decoder_layers: 2 }));
	await expect(open()).rejects.toMatchObject({
		code: 'weights-missing',
		params: { tensor: 'model.decoder.layers.1.encoder_attn.k_proj.weight' }
	});
});
