import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { WebModel } from '../../server/protocol/web-model.ts';
import { fetchWeights, type Target } from './fetch-weights.ts';

const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251);
const model: WebModel = {
	model: 'matanyone2',
	...{ weights: 'a'.repeat(64), form: '1', standIn: false, tensors: {}, pieces: {} },
	sha256: createHash('sha256').update(content).digest('hex'),
	bytes: content.length
};

/** A file in memory. */
class FakeFile implements Target {
	data = new Uint8Array(0);
	/** What it may hold. */
	room = Infinity;

	getSize = () => this.data.length;
	truncate = (size: number) => void (this.data = this.data.slice(0, size));
	flush = () => {};
	read(target: AllowSharedBufferSource, { at = 0 } = {}): number {
		const part = this.data.subarray(at, at + target.byteLength);
		(target as Uint8Array).set(part);
		return part.length;
	}
	write(source: AllowSharedBufferSource, { at = 0 } = {}): number {
		const part = source as Uint8Array;
		if (at + part.length > this.room) throw new DOMException('', 'QuotaExceededError');
		const data = new Uint8Array(Math.max(this.data.length, at + part.length));
		data.set(this.data);
		data.set(part, at);
		this.data = data;
		return part.length;
	}
}

/** A server that knows Range, sends in pieces, and cuts the connection after so many bytes. */
function server(bytes = content, { cutAfter = Infinity, ranges = true } = {}) {
	return vi.fn<typeof fetch>(async (_path, init) => {
		const asked = /^bytes=(\d+)-$/.exec(new Headers(init?.headers).get('Range') ?? '');
		const start = ranges && asked ? Number(asked[1]) : 0;
		let at = start;
		const body = new ReadableStream<Uint8Array>({
			pull(controller) {
				if (at - start >= cutAfter) return controller.error(new TypeError('network error'));
				if (at >= bytes.length) return controller.close();
				controller.enqueue(bytes.slice(at, (at = Math.min(at + 10_000, bytes.length))));
			}
		});
		return new Response(body, { status: start > 0 ? 206 : 200 });
	});
}

const onBytes = () => {};

describe('fetching weights', () => {
	it('takes the whole file, and tells how far it is', async () => {
		const file = new FakeFile();
		const seen: number[] = [];
		await fetchWeights(model, file, { onBytes: (bytes) => seen.push(bytes), ask: server() });
		expect(file.data).toEqual(content);
		expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => (i + 1) * 10_000));
	});

	it('goes on from where it was cut off', async () => {
		const file = new FakeFile();
		const cut = fetchWeights(model, file, { onBytes, ask: server(content, { cutAfter: 40_000 }) });
		await expect(cut).rejects.toMatchObject({ code: 'server-away' });
		expect(file.data).toEqual(content.slice(0, 40_000));
		const ask = server();
		await fetchWeights(model, file, { onBytes, ask: ask });
		expect(ask.mock.calls[0]![1]!.headers).toEqual({
			Range: 'bytes=40000-',
			'If-Range': `"${model.sha256}"`
		});
		expect(file.data).toEqual(content);
	});

	it('asks for nothing when all is there', async () => {
		const file = new FakeFile();
		file.data = content.slice();
		const ask = server();
		await fetchWeights(model, file, { onBytes, ask: ask });
		expect(ask).not.toHaveBeenCalled();
	});

	it('begins again where the server sends no parts, or too much is there', async () => {
		for (const length of [30_000, 100_001]) {
			const file = new FakeFile();
			file.data = new Uint8Array(length).fill(7);
			await fetchWeights(model, file, { onBytes, ask: server(content, { ranges: false }) });
			expect(file.data).toEqual(content);
		}
	});

	it('refuses what is not what was announced', async () => {
		const other = content.slice();
		other[50_000]! ^= 1;
		const longer = new Uint8Array(100_001);
		for (const bytes of [other, longer]) {
			const wrong = fetchWeights(model, new FakeFile(), { onBytes, ask: server(bytes) });
			await expect(wrong).rejects.toMatchObject({ code: 'download-wrong' });
		}
		const short = fetchWeights(model, new FakeFile(), { onBytes, ask: server(content.slice(0, 99_999)) });
		await expect(short).rejects.toMatchObject({ code: 'server-away' });
	});

	it('says that there is no room', async () => {
		const file = new FakeFile();
		file.room = 35_000;
		const full = fetchWeights(model, file, { onBytes, ask: server() });
		await expect(full).rejects.toMatchObject({ code: 'storage-full' });
	});
});
