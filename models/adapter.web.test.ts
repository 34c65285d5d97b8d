import { afterEach, describe, expect, it, vi } from 'vitest';
import { findAdapter, problemOfAdapter } from './adapter.web.ts';

afterEach(() => vi.unstubAllGlobals());

/** A browser whose WebGPU gives this card. */
function stubAdapter(adapter: object | null): void {
	vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
}

const card = {
	info: { vendor: 'nvidia', architecture: 'ampere', description: '' },
	limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27, maxBindGroups: 4 },
	features: new Set(['shader-f16'])
};

describe('a graphics card', () => {
	it('tells what it is', async () => {
		stubAdapter({ ...card, info: { ...card.info, isFallbackAdapter: false } });
		expect(await findAdapter()).toEqual({
			...card.info,
			limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27 },
			features: ['shader-f16'],
			software: false
		});
	});

	it.each([
		['a browser of today', { info: { ...card.info, isFallbackAdapter: true } }, true],
		['Chromium before version 136', { isFallbackAdapter: true }, true],
		['a browser that does not say', {}, false]
	])('that is a program is known for one in %s', async (_, told, software) => {
		stubAdapter({ ...card, ...told });
		const adapter = await findAdapter();
		expect(adapter?.software).toBe(software);
		expect(problemOfAdapter(adapter, { programs: false })).toBe(software ? 'webgpu-software' : undefined);
		expect(problemOfAdapter(adapter, { programs: true })).toBeUndefined();
	});

	it('is not there without WebGPU, or where that gives none', async () => {
		vi.stubGlobal('navigator', {});
		expect(await findAdapter()).toBeUndefined();
		stubAdapter(null);
		expect(problemOfAdapter(await findAdapter(), { programs: true })).toBe('webgpu-no-adapter');
	});
});
