import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { findModel } from '../../models/registry.ts';
import { routes } from '../protocol/routes.ts';
import { webModel, webModelOffer } from '../protocol/web-model.ts';
import { TestServer } from '../testing/harness.ts';

let weights: string;
let server: TestServer;

beforeAll(async () => {
	weights = await mkdtemp(join(tmpdir(), 'splazmatte-weights-'));
	server = await TestServer.start({ weights });
});
afterAll(async () => {
	await server.stop();
	await rm(weights, { recursive: true, force: true });
});

const about = routes.webModel('matanyone2');
const bytes = routes.webWeights('matanyone2');

/** What a route tells of a model, once it is made. */
async function made(route: string): Promise<unknown> {
	for (;;) {
		const answer = await server.fetch(route);
		if (answer.status === 200) return answer.json();
		expect([answer.status, await answer.json()]).toEqual([202, { preparing: expect.anything() }]);
	}
}

it('has no model for browsers but those that compute there', async () => {
	const answer = await server.fetch(routes.webModel('matanyone'));
	expect([answer.status, await answer.json()]).toEqual([
		404,
		{ code: 'model-unknown', params: { id: 'matanyone' } }
	]);
});

it('says that the weights are not here', async () => {
	for (const route of [about, bytes]) {
		const answer = await server.fetch(route);
		expect([answer.status, await answer.json()]).toEqual([
			404,
			{ code: 'model-absent', params: { name: 'MatAnyone 2' } }
		]);
	}
});

it('reads no words without SAM 3', async () => {
	const answer = await server.fetch(routes.phrases, { method: 'POST', body: '{"words":"a dog"}' });
	expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'model-absent' }]);
});

it('hands out the weights in half precision, whole and from where a browser was cut off', async () => {
	const manifest = await makeStandIn(new ModelStore(weights), findModel('matanyone2')!);
	const model = webModel.parse(await made(about));
	expect(model).toMatchObject({ model: 'matanyone2', standIn: true, weights: manifest.files[0]!.sha256 });
	// As in web-model-file.test.ts: raise its form in `webModelForms` when this fails.
	const pieces = createHash('sha256').update(Object.keys(model.pieces).sort().join('\n')).digest('hex');
	expect([model.form, pieces.slice(0, 12)]).toEqual(['1', 'a41b87e1e0a0']);
	expect(model.bytes).toBeLessThan(0.7 * manifest.files[0]!.bytes);

	const whole = await server.fetch(bytes);
	expect(whole.headers.get('etag')).toBe(`"${model.sha256}"`);
	const content = Buffer.from(await whole.arrayBuffer());
	expect(content.length).toBe(model.bytes);
	expect(createHash('sha256').update(content).digest('hex')).toBe(model.sha256);

	const start = model.bytes - 1000;
	const headers = { Range: `bytes=${start}-`, 'If-Range': `"${model.sha256}"` };
	const rest = await server.fetch(bytes, { headers });
	expect([rest.status, Buffer.from(await rest.arrayBuffer())]).toEqual([206, content.subarray(start)]);

	const offers = webModelOffer.array().parse(await (await server.fetch(routes.webModels)).json());
	expect(offers).toMatchObject([
		{ id: 'matanyone2', bytes: model.bytes, weights: model.weights, form: '1', standIn: true },
		{ id: 'sam3', problem: { code: 'model-absent' } },
		{ id: 'sam3-text', problem: { code: 'model-absent' } }
	]);

	const packed = join(server.workspace, 'weights/web/matanyone2');
	await stat(packed);
	await server.fetch(routes.model('matanyone2'), { method: 'DELETE' });
	await expect(stat(packed)).rejects.toThrow('ENOENT');
	expect((await server.fetch(bytes)).status).toBe(404);
});
