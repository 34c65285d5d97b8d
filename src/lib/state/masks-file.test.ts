import { describe, expect, it } from 'vitest';
import { readMasksFile } from './masks-file.ts';

const header = {
	...{ format: 'splazmatte-masks', version: 1, width: 4, height: 1, clipFrames: 9, frames: 2 },
	...{ segmenter: 'classic', revision: '1', provider: 'cpu', standIn: false },
	targets: [
		{ id: 1, frames: 1 },
		{ id: 4, frames: 2 }
	]
};
const lines = [
	{ frame: 3, time: 0.1, masks: { 1: [0, 1, 3], 4: [3, 1] } },
	{ frame: 4, time: 0.2, masks: { 4: [2, 2] } }
];

function file(values: readonly unknown[], chunk = 1000, end = '\n'): ReadableStream<Uint8Array<ArrayBuffer>> {
	const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n');
	const bytes = new TextEncoder().encode(text + end);
	return new ReadableStream({
		start(controller) {
			for (let i = 0; i < bytes.length; i += chunk) controller.enqueue(bytes.slice(i, i + chunk));
			controller.close();
		}
	});
}

async function read(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
	const { frames } = await readMasksFile(stream);
	const all = [];
	for await (const frame of frames) all.push(frame);
	return all;
}

describe('a masks file', () => {
	it.each([
		['whole', 1000, '\n'],
		['byte for byte', 1, '\n'],
		['without its last line feed', 7, '']
	])('is read %s', async (_, chunk, end) => {
		const size = { width: 4, height: 1 };
		expect(await read(file([header, ...lines], chunk, end))).toEqual([
			{
				time: 0.1,
				masks: new Map([
					[1, { ...size, counts: [0, 1, 3] }],
					[4, { ...size, counts: [3, 1] }]
				])
			},
			{
				time: 0.2,
				masks: new Map([
					[1, { ...size, counts: [4] }],
					[4, { ...size, counts: [2, 2] }]
				])
			}
		]);
	});

	it('is read on by a reader that does not know all its names', async () => {
		const newer = { ...lines[1], light: 'dim' };
		expect(await read(file([{ ...header, colour: 'red' }, lines[0], newer]))).toHaveLength(2);
	});

	it.each<[string, unknown[]]>([
		['is empty', ['']],
		['is another format', [{ ...header, format: 'other' }]],
		['is another version', [{ ...header, version: 2 }, ...lines]],
		['is a page of a proxy', ['<html>']],
		['ends between two frames', [header, lines[0]]],
		['ends in the middle of a frame', [header, lines[0], JSON.stringify(lines[1]).slice(0, 20)]],
		['has masks of another size', [header, { ...lines[0], masks: { 1: [2, 1] } }, lines[1]]],
		['has no numbers', [header, { ...lines[0], masks: { 1: ['a'] } }, lines[1]]]
	])('is refused when it %s', async (_, values) => {
		await expect(read(file(values))).rejects.toMatchObject({ code: 'answer-invalid' });
	});

	it('is refused when a line never ends', async () => {
		const chunk = new TextEncoder().encode('x'.repeat(2 ** 20));
		const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: (to) => to.enqueue(chunk) });
		await expect(read(endless)).rejects.toMatchObject({ code: 'answer-invalid' });
	});

	it('says that the server is gone when its bytes break off, unless they were wanted no more', async () => {
		const broken = (reason: unknown) =>
			new ReadableStream<Uint8Array<ArrayBuffer>>({
				start(controller) {
					controller.enqueue(
						new TextEncoder().encode(`${JSON.stringify(header)}\n${JSON.stringify(lines[0])}\n`)
					);
				},
				pull: (controller) => controller.error(reason)
			});
		await expect(read(broken(new TypeError('network error')))).rejects.toMatchObject({ code: 'server-away' });
		const stopped = new DOMException('stopped', 'AbortError');
		await expect(read(broken(stopped))).rejects.toBe(stopped);
	});
});
