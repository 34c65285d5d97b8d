import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { routes } from '../protocol/routes.ts';
import type { Health } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

let server: TestServer;
beforeEach(async () => {
	server = await TestServer.start({ memoryBudget: 8e9 });
	await putWeights(1);
});
afterEach(() => server.stop());

/** Puts a weights file with one tensor there by hand. */
async function putWeights(value: number): Promise<void> {
	const folder = join(server.workspace, '../weights/matanyone2');
	const header = JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).padEnd(64);
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(64n);
	await mkdir(folder, { recursive: true });
	const content = Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.of(value).buffer)]);
	await writeFile(join(folder, 'model.safetensors'), content);
}

const submit = (clip: string, changes: Partial<typeof defaultMatAnyoneOptions> = {}) => {
	const matanyone = { ...defaultMatAnyoneOptions, ...changes };
	return server.submit(clip, { engine: 'matanyone2', options: { ...defaultMatteOptions, matanyone } });
};

async function pace(): Promise<number | undefined> {
	const { engines } = await server.json<Health>(routes.health);
	return engines.find(({ id }) => id === 'matanyone2')!.pixelsPerSecond;
}

describe('a job with a network', () => {
	it('is named by the weights that it ran with, not by those that were there when it was asked for', async () => {
		const before = await server.submit(await server.clip('wait'));
		await server.reach(before.job.id, 'running');
		const clip = await server.clip();
		const { job } = await submit(clip);
		await putWeights(2);
		await server.fetch(routes.job(before.job.id), { method: 'DELETE' });
		const done = await server.reach(job.id, 'done');
		expect(done.key).not.toBe(job.key);
		expect(await submit(clip)).toMatchObject({ status: 200, job: { id: job.id } });
	});

	it('that worked smaller is done again when asked for again', async () => {
		const clip = await server.clip('smaller');
		const first = await submit(clip);
		await server.reach(first.job.id, 'done');
		const second = await submit(clip);
		expect(second.status).toBe(201);
		expect(second.job.key).toBe(first.job.key);
	});

	it('teaches how fast the engine is by the size that it worked at, and nothing when it was cropped', async () => {
		const cropped = await submit(await server.clip(), { crop: true });
		await server.reach(cropped.job.id, 'done');
		expect(await pace()).toBeUndefined();
		const smaller = await submit(await server.clip('smaller'));
		await server.reach(smaller.job.id, 'done');
		expect(await pace()).toBe((10 + defaultMatAnyoneOptions.warmup) * 2 * 1);
	});
});
