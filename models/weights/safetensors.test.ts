import { expect, test } from 'vitest';
import { MemorySource } from './memory-source.fixture.ts';
import { openFile } from './open-checkpoint.ts';
import { writeSafetensors, type TensorToWrite } from './safetensors-writer.ts';

const open = (content: Uint8Array) => openFile(new MemorySource('model.safetensors', content));

/** A file with a header of our own and so many bytes of data. */
function fileOf(header: unknown, bytes: number): Uint8Array {
	const text = typeof header === 'string' ? header : JSON.stringify(header);
	const start = Buffer.alloc(8);
	start.writeBigUInt64LE(BigInt(text.length));
	return Buffer.concat([start, Buffer.from(text), Buffer.from(Array.from({ length: bytes }, (_, i) => i))]);
}

const entry = (dtype: string, shape: unknown, ...offsets: unknown[]) => ({
	...{ dtype, shape, data_offsets: offsets }
});

async function written(tensors: readonly TensorToWrite[], metadata: Record<string, string>) {
	const chunks: Uint8Array[] = [];
	await writeSafetensors(tensors, metadata, (chunk) => void chunks.push(chunk));
	return Buffer.concat(chunks);
}

test('tensors are found by name, and read whole or in part', async () => {
	const header = {
		__metadata__: { format: 'pt' },
		b: entry('U8', [2, 2], 0, 4),
		a: entry('F16', [1], 4, 6),
		empty: entry('F32', [0, 3], 6, 6),
		['__proto__x']: entry('BOOL', [], 6, 7)
	};
	const checkpoint = await open(fileOf(header, 7));
	expect(checkpoint.metadata).toEqual({ format: 'pt' });
	expect(checkpoint.standIn).toBe(false);
	expect([...checkpoint.tensors.keys()]).toEqual(['b', 'a', 'empty', '__proto__x']);
	expect([...(await checkpoint.read('b'))]).toEqual([0, 1, 2, 3]);
	expect([...(await checkpoint.read('b', { offset: 1, bytes: 2 }))]).toEqual([1, 2]);
	expect([...(await checkpoint.read('a'))]).toEqual([4, 5]);
	expect(await checkpoint.read('empty')).toHaveLength(0);
	await expect(checkpoint.read('c')).rejects.toMatchObject({
		code: 'weights-missing',
		params: { tensor: 'c' }
	});
	await expect(checkpoint.read('a', { offset: 1, bytes: 2 })).rejects.toThrow(RangeError);
});

test('what is written is read back, wide elements first', async () => {
	const chunks = () => [Uint8Array.of(1), Uint8Array.of(2, 3)];
	const content = await written(
		[
			{ name: 'bytes', dtype: 'U8', shape: [3], chunks },
			{ name: 'wide', dtype: 'I64', shape: [], chunks: () => [new Uint8Array(8)] }
		],
		{ splazmatte: 'stand-in' }
	);
	const checkpoint = await open(content);
	expect(checkpoint.standIn).toBe(true);
	expect([...(await checkpoint.read('bytes'))]).toEqual([1, 2, 3]);
	expect(checkpoint.tensors.get('wide')!.offset % 8).toBe(0);
});

test('a tensor whose bytes do not fill its shape is not written', async () => {
	const short: TensorToWrite = { name: 'a', dtype: 'F32', shape: [2], chunks: () => [new Uint8Array(4)] };
	await expect(written([short], {})).rejects.toThrow('a: 4 bytes are missing');
});

test.each([
	['an empty file', new Uint8Array(0)],
	['a header that goes on past the end', fileOf({ a: entry('U8', [4], 0, 4) }, 4).subarray(0, 20)],
	['tensors that go on past the end', fileOf({ a: entry('U8', [4], 0, 4) }, 3)],
	['bytes after the last tensor', fileOf({ a: entry('U8', [4], 0, 4) }, 5)],
	['a hole', fileOf({ a: entry('U8', [2], 0, 2), b: entry('U8', [2], 3, 5) }, 5)],
	['an overlap', fileOf({ a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, 3)],
	['another length than the shape has', fileOf({ a: entry('F32', [2], 0, 4) }, 4)],
	['a negative offset', fileOf({ a: entry('U8', [2], -2, 0) }, 0)],
	['a fraction', fileOf({ a: entry('U8', [1.5], 0, 1.5) }, 1)],
	['a shape beyond counting', fileOf({ a: entry('U8', [2 ** 40, 2 ** 40], 0, 1) }, 1)],
	['no offsets', fileOf({ a: { dtype: 'U8', shape: [1] } }, 1)],
	['a list as its header', fileOf('{"a":', 0)],
	['metadata that is no text', fileOf({ __metadata__: { a: 1 } }, 0)]
])('%s is damaged', async (_, content) => {
	await expect(open(content)).rejects.toMatchObject({
		...{ code: 'weights-damaged', params: { file: 'model.safetensors' } }
	});
});

test('a header of absurd length is not read', async () => {
	const content = fileOf({ a: entry('U8', [4], 0, 4) }, 4);
	new DataView(content.buffer, content.byteOffset).setBigUint64(0, 2n ** 60n, true);
	const source = new MemorySource('model.safetensors', content);
	await expect(openFile(source)).rejects.toMatchObject({ code: 'weights-damaged' });
	expect(source.longestRead).toBeLessThan(16);
});

test.each([
	['a page', new TextEncoder().encode('<!doctype html><html>'), 'not safetensors'],
	['a pointer to a large file', new TextEncoder().encode('version https://git-lfs'), 'not safetensors'],
	['a type that we do not know', fileOf({ a: entry('F8_E4M3', [1], 0, 1) }, 1), 'a is of type F8_E4M3']
])('%s is foreign', async (_, content, reason) => {
	await expect(open(content)).rejects.toMatchObject({
		...{ code: 'weights-foreign', params: { file: 'model.safetensors', reason } }
	});
});
