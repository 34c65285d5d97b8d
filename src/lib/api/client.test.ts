import { describe, expect, it, vi } from 'vitest';
import { someClip, someHash, someHealth } from '$lib/testing/fakes.ts';
import { Api } from './client.ts';

const answering = (body: unknown, status = 200) =>
	new Api(
		vi.fn(async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }))
	);

describe('Api', () => {
	it('gives what the server answers', async () => {
		await expect(answering(someHealth()).health()).resolves.toEqual(someHealth());
		await expect(answering(someClip).clip(someHash)).resolves.toEqual(someClip);
	});

	it('takes a clip that is not there for an answer', async () => {
		await expect(
			answering({ code: 'clip-missing', params: {} }, 404).clip(someHash)
		).resolves.toBeUndefined();
	});

	it('passes on what the server refuses, and why', async () => {
		const refusal = { code: 'job-state', params: { state: 'done' } };
		await expect(answering(refusal, 409).cancelJob('j1')).rejects.toMatchObject(refusal);
	});

	it.each([
		['no answer', new Api(() => Promise.reject(new TypeError('Failed to fetch'))), 'server-away'],
		['a proxy’s 502', answering('<html>Bad gateway</html>', 502), 'server-away'],
		['another version’s answer', answering({ name: 'splazmatte' }), 'answer-invalid'],
		['no JSON', answering('<html>'), 'answer-invalid'],
		['a strange refusal', answering('no', 404), 'answer-invalid']
	])('names %s', async (_what, api, code) => {
		await expect(api.health()).rejects.toMatchObject({ code });
	});

	it('lets an abort be an abort', async () => {
		const reason = new DOMException('stopped', 'AbortError');
		const api = new Api(() => Promise.reject(reason));
		await expect(api.clipFile(someHash, AbortSignal.abort(reason))).rejects.toBe(reason);
	});
});
