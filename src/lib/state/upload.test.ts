import { describe, expect, it, vi } from 'vitest';
import { settle, someClip, someHash, someHealth } from '$lib/testing/fakes.ts';
import { appError } from '$protocol/errors.ts';
import type { Clip, Health } from '$protocol/schema.ts';
import type { Send } from './tus.ts';
import { Upload, uploadError } from './upload.svelte.ts';

const file = new Blob(['clip']);

function setup({ known = [] as (Clip | undefined)[] } = {}) {
	let back!: () => void;
	const parts = {
		api: { clip: vi.fn(async (): Promise<Clip | undefined> => known.shift()) },
		connection: {
			suspect: vi.fn(),
			online: vi.fn(() => new Promise<void>((resolve) => (back = resolve))),
			health: someHealth() as Health | undefined
		},
		hash: vi.fn(async () => someHash),
		send: vi.fn<Send>(async () => {})
	};
	return { parts, upload: new Upload(file, 'clip.mp4', parts), comeBack: () => back() };
}

describe('Upload', () => {
	it('sends nothing when the server has the clip', async () => {
		const { parts, upload } = setup({ known: [someClip] });
		await upload.run();
		expect(parts.send).not.toHaveBeenCalled();
		expect(upload.state).toEqual({ kind: 'done', clip: someClip, sent: false });
		expect(upload.hash).toBe(someHash);
	});

	it('sends what the server does not have', async () => {
		const { parts, upload } = setup({ known: [undefined, someClip] });
		await upload.run();
		expect(parts.send.mock.calls[0]![1]).toMatchObject({ name: 'clip.mp4', hash: someHash });
		expect(upload.state).toEqual({ kind: 'done', clip: someClip, sent: true });
	});

	it('sends in chunks as large as the server takes, which it may have yet to tell', async () => {
		const { parts, upload, comeBack } = setup({ known: [undefined, someClip] });
		parts.connection.health = undefined;
		const running = upload.run();
		await settle();
		expect(parts.send).not.toHaveBeenCalled();
		const health = someHealth();
		parts.connection.health = { ...health, limits: { ...health.limits, chunkBytes: 7 } };
		comeBack();
		await running;
		expect(parts.send.mock.calls[0]![1]).toMatchObject({ chunkBytes: 7 });
	});

	it('does not hash again what was hashed before', async () => {
		const { parts, upload } = setup({ known: [someClip] });
		await upload.run(someHash);
		expect(parts.hash).not.toHaveBeenCalled();
	});

	it('waits while the server is away, and asks anew when it is back', async () => {
		const { parts, upload, comeBack } = setup({ known: [undefined, someClip] });
		parts.send.mockImplementationOnce(async (_file, { onProgress }) => {
			onProgress(3, 4);
			throw appError('server-away');
		});
		const running = upload.run();
		await settle();
		expect(upload.state).toEqual({ kind: 'waiting', done: 3, total: 4 });
		expect(parts.connection.suspect).toHaveBeenCalledOnce();
		comeBack();
		await running;
		// Its last answer was lost on the way, and the clip had arrived.
		expect(upload.state).toEqual({ kind: 'done', clip: someClip, sent: false });
		expect(parts.send).toHaveBeenCalledOnce();
	});

	it('ends with the reason when the server refuses', async () => {
		const { parts, upload } = setup({ known: [undefined] });
		parts.send.mockRejectedValueOnce(appError('clip-codec', { codec: 'xyz' }));
		await upload.run();
		expect(upload.state).toEqual({
			kind: 'refused',
			error: { code: 'clip-codec', params: { codec: 'xyz' } }
		});
	});

	it('can be run again after a refusal', async () => {
		const { parts, upload } = setup({ known: [undefined, someClip] });
		parts.send.mockRejectedValueOnce(appError('disk-full'));
		await upload.run();
		await upload.run(upload.hash);
		expect(upload.state.kind).toBe('done');
	});

	it('says when what arrived is something else', async () => {
		const { upload } = setup({ known: [undefined, undefined] });
		await upload.run();
		expect(upload.state).toMatchObject({ kind: 'refused', error: { code: 'upload-hash' } });
	});

	it('falls silent when it is stopped', async () => {
		const { parts, upload } = setup({ known: [undefined] });
		parts.send.mockImplementationOnce(
			(_file, { signal }) =>
				new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
		);
		const running = upload.run();
		await settle();
		const before = upload.state;
		upload.stop();
		await running;
		expect(upload.state).toBe(before);
	});
});

describe('uploadError', () => {
	it('is the server’s own, or that it is away', () => {
		const body = JSON.stringify({ code: 'clip-no-frames', params: {} });
		expect(uploadError({ status: 422, body }, null).code).toBe('clip-no-frames');
		expect(uploadError({ status: 502, body: '<html>' }, null).code).toBe('server-away');
		expect(uploadError({ status: 400, body: '' }, null).code).toBe('answer-invalid');
		expect(uploadError(undefined, null).code).toBe('server-away');
	});
});
