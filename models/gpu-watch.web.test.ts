import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GpuWatch } from './gpu-watch.web.ts';

class OutOfMemory {
	readonly message = 'no room';
}

/** A device that fails when it is told to. */
function fakeDevice() {
	let lose = (_: GPUDeviceLostInfo) => {};
	const lost = new Promise<GPUDeviceLostInfo>((resolve) => (lose = resolve));
	const events = new EventTarget();
	return {
		device: { lost, addEventListener: events.addEventListener.bind(events) } as unknown as GPUDevice,
		lose: () => lose({ message: 'the driver gave up' } as GPUDeviceLostInfo),
		fail: (error: unknown) => events.dispatchEvent(Object.assign(new Event('uncapturederror'), { error }))
	};
}

const never = () => new Promise<never>(() => {});

beforeEach(() => vi.stubGlobal('GPUOutOfMemoryError', OutOfMemory));
afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

describe('watching a graphics card', () => {
	it('leaves alone what works, and what fails by itself', async () => {
		const watch = new GpuWatch(fakeDevice().device);
		expect(await watch.during(async () => 7)).toBe(7);
		await expect(watch.during(() => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
		expect(await watch.during(async () => 8)).toBe(8);
	});

	it('ends what never would where the device is lost, and all that comes later', async () => {
		const { device, lose } = fakeDevice();
		const watch = new GpuWatch(device);
		const running = watch.during(never);
		lose();
		await expect(running).rejects.toMatchObject({ code: 'gpu-lost' });
		const later = vi.fn(never);
		await expect(watch.during(later)).rejects.toMatchObject({ code: 'gpu-lost' });
		expect(later).not.toHaveBeenCalled();
	});

	it.each([
		['memory that ran out', new OutOfMemory(), { code: 'out-of-memory' }],
		[
			'any other error',
			{ message: 'invalid buffer' },
			{ code: 'provider-failed', params: { provider: 'webgpu', problem: 'invalid buffer' } }
		]
	])('tells %s, the first of all', async (_, error, expected) => {
		const { device, fail, lose } = fakeDevice();
		const watch = new GpuWatch(device);
		const running = watch.during(never);
		fail(error);
		lose();
		await expect(running).rejects.toMatchObject(expected);
		await expect(watch.during(never)).rejects.toMatchObject(expected);
	});

	it('tells the reason rather than its consequence, which may come before', async () => {
		const { device, lose } = fakeDevice();
		const watch = new GpuWatch(device);
		const running = watch.during(() => Promise.reject(new Error('mapping the buffer failed')));
		lose();
		await expect(running).rejects.toMatchObject({ code: 'gpu-lost' });
	});
});
