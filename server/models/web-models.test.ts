import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { engineInfo, findModel } from '../../models/registry.ts';
import { WebModels } from './web-models.ts';

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-web-models-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('makes a model once, whoever asks meanwhile, and anew when its file is gone', async () => {
	const store = new ModelStore(join(root, 'weights'));
	const { files } = await makeStandIn(store, findModel('matanyone2')!);
	const state = Promise.resolve({ weights: files[0]!.sha256 });
	const models = new WebModels(store, () => state, join(root, 'cache'));
	const both = () => Promise.all([models.of('matanyone2'), models.of('matanyone2')]);
	const [first, second] = await both();
	expect(second).toBe(first);
	expect(first.about.bytes / engineInfo('matanyone2-web').download).toBeCloseTo(1, 2);
	await rm(first.path);
	const [third, fourth] = await both();
	expect(fourth).toBe(third);
	expect(third).not.toBe(first);
	expect(third.about).toEqual(first.about);
});
