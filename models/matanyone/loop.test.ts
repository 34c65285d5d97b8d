import { describe, expect, it } from 'vitest';
import { MatAnyoneLoop, runMatAnyone, type LoopOptions } from './loop.ts';
import { fakeAnswer as answer, fakeNetworks, type Call } from './networks.fixture.ts';

const size = { width: 32, height: 16 };

/** A frame whose every byte is its number. */
const picture = (index: number) => new Uint8Array(size.width * size.height * 3).fill(index);

async function run(
	frames: number,
	options: Partial<LoopOptions> & { withWarmup?: boolean } = {},
	fake = fakeNetworks(size)
) {
	const mask = new Float32Array(size.width * size.height).fill(0.5);
	const pictures = Array.from({ length: frames }, (_, i) => picture(i));
	const given = { warmup: 2, memEvery: 5, maxMemFrames: 5, ...options };
	const alphas: number[] = [];
	for await (const alpha of runMatAnyone(fake.networks, size, pictures, mask, given)) alphas.push(alpha[0]!);
	return { alphas, calls: fake.calls };
}

describe('the recurrence', () => {
	it('seeds, then predicts the first frame again and again, each time from the time before', async () => {
		const { calls, alphas } = await run(1);
		expect(calls.map(({ graph }) => graph)).toEqual(['seed', 'first', 'first', 'first']);
		expect(calls[0]!.feeds).toEqual({ rgb: 0, mask: 0.5 });
		const image = Object.fromEntries(['f8', 'f4', 'f2'].map((name) => [name, answer(0, name)]));
		for (const call of [1, 2, 3]) {
			expect(calls[call]!.feeds).toEqual({
				...image,
				rgb: 0,
				last_pix_feat: answer(0, 'pix_feat'),
				last_mask: call === 1 ? 0.5 : answer(call - 1, 'alpha'),
				last_msk_value: answer(call - 1, 'msk_value'),
				sensory: answer(call - 1, 'sensory_out'),
				obj_memory: answer(call - 1, 'obj_memory_out')
			});
		}
		expect(alphas).toEqual([answer(3, 'alpha')]);
	});

	it('gives the predictions of the warm-up out on request', async () => {
		const { alphas } = await run(2, { withWarmup: true });
		expect(alphas).toEqual([1, 2, 3, 4].map((call) => answer(call, 'alpha')));
	});

	it('feeds every later frame from the frame before and the memory, for thirty frames', async () => {
		const { calls, alphas } = await run(30);
		const first = 3;
		// The calls whose rows are remembered: the first frame's and the newest four of every fifth frame's. The seed sees the first image.
		const memory = [first];
		const imageOf = (call: number) => (call === first ? 0 : call);
		for (let frame = 1; frame < 30; frame++) {
			const call = first + frame;
			const { feeds, fetches } = calls[call]!;
			const isMemory = frame % 5 === 0;
			const { mem_k, mem_v, ...state } = feeds;
			expect(state).toEqual({
				rgb: frame,
				last_mask: answer(call - 1, 'alpha'),
				last_msk_value: answer(call - 1, 'msk_value'),
				sensory: answer(call - 1, 'sensory_out'),
				obj_memory: answer(call - 1, 'obj_memory_out'),
				last_pix_feat: answer(imageOf(call - 1), 'pix_feat'),
				is_mem: isMemory ? 1 : 0
			});
			expect(new Set(mem_k as number[])).toEqual(
				new Set(memory.map((at) => answer(imageOf(at), 'mem_k_row')))
			);
			expect(new Set(mem_v as number[])).toEqual(new Set(memory.map((at) => answer(at, 'mem_v_row'))));
			expect(fetches!.some((name) => name.endsWith('_row'))).toBe(isMemory);
			if (isMemory) memory.push(call);
			if (memory.length > 5) memory.splice(1, 1);
		}
		expect(alphas).toEqual(alphas.map((_, frame) => answer(first + frame, 'alpha')));
	});

	it('asks for the rows of the last prediction of the first frame only', async () => {
		const { calls } = await run(1);
		const rows = calls.map(({ fetches }) => fetches?.filter((name) => name.endsWith('_row')).length);
		expect(rows).toEqual([undefined, 0, 0, 1]);
	});

	it('keeps as many memory frames, as often, as the options say', async () => {
		const { calls } = await run(9, { warmup: 0, memEvery: 2, maxMemFrames: 3 });
		const memory = calls.slice(2).map(({ feeds }) => (feeds.mem_k as number[]).map((key) => (key - 5) / 10));
		// Call 0 sees the first frame's image; frame n is call n + 1.
		const [a, b, c, d] = [[0], [0, 3], [0, 3, 5], [0, 7, 5]];
		expect(memory).toEqual([a, a, b, b, c, c, d, d]);
	});

	it.each([
		[3, [1, 2, 3]],
		[7, [1, 2, 4, 6, 7]],
		[10, [1, 3, 6, 8, 10]]
	])(
		'renews the sensory memory as upstream does when every %ith frame is remembered',
		async (memEvery, renewed) => {
			const { calls } = await run(memEvery + 1, { warmup: 0, memEvery });
			const steps = calls.slice(2);
			const asked = steps.flatMap(({ fetches }, i) => (fetches!.includes('sensory_out') ? [i + 1] : []));
			expect(asked).toEqual(renewed);
			// Where it is not asked for, the next frame gets the one that the frame before got.
			for (const [i, { feeds }] of steps.slice(1).entries()) {
				const from = renewed.filter((frame) => frame <= i + 1).at(-1)!;
				expect(feeds.sensory).toBe(answer(from + 1, 'sensory_out'));
			}
		}
	);

	it('remembers half precision as its bits', async () => {
		const calls: Call[] = [];
		const { alphas } = await run(12, {}, fakeNetworks(size, { calls, type: 'float16' }));
		expect(alphas).toHaveLength(12);
		expect(calls.at(-1)!.feeds.mem_k).toEqual([
			answer(0, 'mem_k_row'),
			answer(8, 'mem_k_row'),
			answer(13, 'mem_k_row')
		]);
	});

	it('frees every tensor that it was given', async () => {
		const { calls } = await run(12);
		const kept = calls.flatMap(({ tensors }) =>
			Object.values(tensors).filter(({ location }) => location !== 'none')
		);
		expect(kept).toEqual([]);
	});

	it('rehearses with a full memory, and goes on as if it had not', async () => {
		const { networks, calls } = fakeNetworks(size);
		const loop = new MatAnyoneLoop(networks, size, { warmup: 0, memEvery: 5, maxMemFrames: 4 });
		for await (const _ of loop.begin(picture(0), new Float32Array(512)));
		await loop.rehearse(picture(0));
		await loop.next(picture(1));
		const [rehearsal, next] = calls.slice(2);
		expect(rehearsal!.feeds).toMatchObject({ is_mem: 1, mem_k: [0, 0, 0, 0] });
		expect(next!.feeds).toMatchObject({
			is_mem: 0,
			last_mask: answer(1, 'alpha'),
			mem_k: [answer(0, 'mem_k_row')]
		});
	});
});
