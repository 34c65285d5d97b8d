import { createHash } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import type { WebModel } from '../../server/protocol/web-model.ts';
import { obtainModel } from './obtain.ts';

const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const model: WebModel = {
	model: 'matanyone2',
	...{ weights: 'a'.repeat(64), standIn: false, tensors: {}, bytes: content.length },
	...{ sha256: createHash('sha256').update(content).digest('hex'), pieces: { old: [0, 1000] } }
};

/** A folder of the browser's own, in memory. */
function fakeFolder() {
	const files = new Map<string, Uint8Array<ArrayBuffer>>();
	const handle = (name: string) => ({
		getFile: async () => new File([files.get(name)!], name),
		createSyncAccessHandle: async () => ({
			...{ close() {}, flush() {}, getSize: () => files.get(name)!.length },
			truncate: (size: number) => void files.set(name, files.get(name)!.slice(0, size)),
			read(target: Uint8Array, { at }: { at: number }) {
				const part = files.get(name)!.subarray(at, at + target.length);
				target.set(part);
				return part.length;
			},
			write(part: Uint8Array, { at }: { at: number }) {
				files.set(name, Uint8Array.of(...files.get(name)!.subarray(0, at), ...part));
				return part.length;
			}
		})
	});
	return {
		getDirectoryHandle: async () => fake,
		async getFileHandle(name: string, { create = false } = {}) {
			if (!files.has(name) && !create) throw new DOMException('', 'NotFoundError');
			if (!files.has(name)) files.set(name, new Uint8Array(0));
			return handle(name);
		},
		removeEntry: async (name: string) => void files.delete(name),
		async *keys() {
			yield* [...files.keys()];
		}
	};
}
let fake: ReturnType<typeof fakeFolder>;

/** What the server tells of the model; undefined while it is away. */
let told: WebModel | undefined;
const ask = vi.fn(async (path: string) => {
	if (!told) throw new TypeError('network error');
	return path.endsWith('weights') ? new Response(content) : Response.json(told);
});

beforeEach(() => {
	fake = fakeFolder();
	told = model;
	ask.mockClear();
	const locks = { request: async (_name: string, work: () => unknown) => work() };
	vi.stubGlobal('navigator', { storage: { getDirectory: async () => fake }, locks });
	vi.stubGlobal('fetch', ask);
	return () => vi.unstubAllGlobals();
});

const obtain = async () => {
	const { about, weights } = await obtainModel('matanyone2', () => {});
	expect(new Uint8Array(await weights.arrayBuffer())).toEqual(content);
	return about;
};

it('fetches weights once, and needs no server then', async () => {
	expect(await obtain()).toEqual(model);
	told = undefined;
	expect(await obtain()).toEqual(model);
	expect(ask.mock.calls.filter(([path]) => path.endsWith('weights'))).toHaveLength(1);
});

it('takes from the server what is new of the same weights, and keeps it', async () => {
	await obtain();
	told = { ...model, weights: 'b'.repeat(64), pieces: { new: [0, 1000] } };
	expect(await obtain()).toEqual(told);
	expect(ask.mock.calls.filter(([path]) => path.endsWith('weights'))).toHaveLength(1);
	const newer = told;
	told = undefined;
	expect(await obtain()).toEqual(newer);
});
