import type { EncodedPacket } from 'mediabunny';
import { beforeEach, expect, it, vi } from 'vitest';
import { Encoder } from './encoder.ts';
import type { Encoding } from './encoding.ts';

class Chunk {
	readonly byteLength = 1;
	readonly duration = 0;
	constructor(
		readonly type: 'key' | 'delta',
		readonly timestamp: number
	) {}
	copyTo(target: Uint8Array): void {
		target[0] = 1;
	}
}

/** Encodes one picture at each turn of the event loop, or breaks at the one that `breakAt` names. */
class FakeVideoEncoder extends EventTarget {
	static breakAt = Infinity;
	static most = 0;
	encodeQueueSize = 0;
	#turn = Promise.resolve();

	constructor(
		private readonly hooks: { output: (chunk: Chunk, meta: object) => void; error: (error: unknown) => void }
	) {
		super();
	}
	configure(): void {}
	close(): void {}
	encode({ timestamp }: { timestamp: number }, { keyFrame }: { keyFrame: boolean }): void {
		FakeVideoEncoder.most = Math.max(FakeVideoEncoder.most, ++this.encodeQueueSize);
		this.#turn = this.#turn.then(async () => {
			await new Promise((resolve) => setImmediate(resolve));
			if (timestamp >= FakeVideoEncoder.breakAt) return this.hooks.error(new Error('broken'));
			this.encodeQueueSize--;
			this.hooks.output(new Chunk(keyFrame ? 'key' : 'delta', timestamp), { decoderConfig: { codec: '' } });
			this.dispatchEvent(new Event('dequeue'));
		});
	}
	flush(): Promise<void> {
		return this.#turn;
	}
}

beforeEach(() => {
	Object.assign(FakeVideoEncoder, { breakAt: Infinity, most: 0 });
	vi.stubGlobal('VideoEncoder', FakeVideoEncoder);
	vi.stubGlobal('EncodedVideoChunk', Chunk);
	vi.stubGlobal(
		'VideoFrame',
		class {
			readonly timestamp: number;
			constructor(_: unknown, init: { timestamp: number }) {
				this.timestamp = init.timestamp;
			}
			close(): void {}
		}
	);
});

const encoding: Encoding = { codec: 'avc', name: 'H.264', config: { codec: '', width: 2, height: 2 } };
const picture = { width: 2, height: 2, data: new Uint8Array(6) };
const frame = (index: number) => ({
	...{ width: 2, height: 2, data: new Uint8Array(16), index },
	...{ time: (index * 1001) / 3000, duration: 1001 / 3000 }
});

it('gives every packet the time of its frame, and begins with a key frame every second', async () => {
	const packets: EncodedPacket[] = [];
	const encoder = new Encoder(encoding, {}, async (packet) => void packets.push(packet));
	for (let i = 0; i < 8; i++) await encoder.encode(picture, frame(i));
	await encoder.finish();
	expect(packets.map(({ timestamp }) => timestamp)).toEqual(
		Array.from({ length: 8 }, (_, i) => frame(i).time)
	);
	const keys = packets.flatMap(({ type }, i) => (type === 'key' ? [i] : []));
	expect(keys).toEqual([0, 3, 6]);
	expect(FakeVideoEncoder.most).toBe(2);
});

it('ends with what the encoder says is wrong', async () => {
	FakeVideoEncoder.breakAt = 1e6;
	const encoder = new Encoder(encoding, {}, async () => {});
	const work = async () => {
		for (let i = 0; i < 8; i++) await encoder.encode(picture, frame(i));
	};
	await expect(work()).rejects.toMatchObject({ code: 'encoder-failed', params: { codec: 'H.264' } });
	await expect(encoder.finish()).rejects.toMatchObject({ code: 'encoder-failed' });
});

it('ends with an error of the file', async () => {
	const encoder = new Encoder(encoding, {}, () => Promise.reject(new Error('no memory')));
	const work = async () => {
		for (let i = 0; i < 8; i++) await encoder.encode(picture, frame(i));
		await encoder.finish();
	};
	await expect(work()).rejects.toThrow('no memory');
});

it('says what the numbers mean where the browser does not', async () => {
	const colorSpace = { matrix: 'bt709', fullRange: true } as const;
	const told: unknown[] = [];
	const encoder = new Encoder(encoding, colorSpace, async (_, meta) => void told.push(meta));
	await encoder.encode(picture, frame(0));
	await encoder.finish();
	expect(told).toEqual([{ decoderConfig: { codec: '', colorSpace } }]);
});
