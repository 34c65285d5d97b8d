import { describe, expect, it } from 'vitest';
import { MemoryBank, type BankRules, type Selection } from './memory-bank.ts';

const rules: BankRules = {
	...{ memory: 'newest', seenThreshold: 0.01, pointers: 'nearest', history: 0 },
	...{ num_maskmem: 7, max_cond_frame_num: 4, pointerFrames: 16 }
};
const memoryOf = (frame: number, seen = 1) => ({
	map: Uint16Array.of(frame),
	pointer: Float32Array.of(frame),
	seen
});

/** A bank with these frames of prompts, that was tracked over these in order. */
function bankOf(
	prompted: readonly number[],
	tracked: readonly number[] = [],
	with_: Partial<BankRules> = {}
) {
	const bank = new MemoryBank({ ...rules, ...with_ });
	for (const frame of prompted) bank.condition(frame, memoryOf(frame), true);
	let before = tracked[0]!;
	for (const frame of tracked) {
		bank.write(frame, memoryOf(frame));
		bank.pass(frame, frame < before);
		before = frame;
	}
	return bank;
}

/** Frames by their rows, and frames by their ages. */
const shown = ({ maps, pointers }: Selection) => ({
	maps: maps.map(({ row, map }) => [map[0], row]),
	pointers: pointers.map(({ age, pointer }) => [pointer[0], age])
});
const range = (from: number, to: number) =>
	Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + i * Math.sign(to - from));

describe('what an object is attended to by', () => {
	it('is the frame with the prompt, six maps and fifteen pointers before it, by their ages', () => {
		const { maps, pointers } = shown(bankOf([0], range(1, 30)).select(31, false));
		expect(maps).toEqual([[0, 6], ...range(30, 25).map((frame) => [frame, 30 - frame])]);
		expect(pointers).toEqual([[0, 31], ...range(30, 16).map((frame) => [frame, 31 - frame])]);
	});

	it('is the same the other way round', () => {
		const { maps, pointers } = shown(bankOf([40], range(39, 10)).select(9, true));
		expect(maps).toEqual([[40, 6], ...range(10, 15).map((frame) => [frame, frame - 10])]);
		expect(pointers).toEqual([[40, 31], ...range(10, 24).map((frame) => [frame, frame - 9])]);
	});

	it('is, going back from the first prompt, what was tracked forward from it', () => {
		const { maps, pointers } = shown(bankOf([20], range(21, 90)).select(19, true));
		expect(maps).toEqual([[20, 6], ...range(21, 25).map((frame) => [frame, frame - 20])]);
		expect(pointers).toEqual([[20, 1], ...range(21, 34).map((frame) => [frame, frame - 19])]);
	});

	it('takes of many prompts the closest on each side, then the nearest', () => {
		const bank = bankOf([0, 10, 20, 30, 80, 90]);
		const { maps, pointers } = shown(bank.select(35, false));
		expect(maps).toEqual([30, 80, 20, 10].map((frame) => [frame, 6]));
		expect(pointers).toEqual([
			[30, 5],
			[20, 15],
			[10, 25]
		]);
	});

	it('takes pointers of all prompts passed, where that is asked for', () => {
		const bank = bankOf([0, 10, 20, 30, 80, 90], [], { pointers: 'all' });
		const { pointers } = shown(bank.select(35, false));
		expect(pointers.map(([frame]) => frame)).toEqual([0, 10, 20, 30]);
		expect(shown(bank.select(35, true)).pointers).toEqual([
			[80, 45],
			[90, 55]
		]);
	});

	it('counts a prompt that is not among the nearest as any other frame', () => {
		const { maps, pointers } = shown(bankOf([1, 2, 3, 4, 5], [], {}).select(6, false));
		expect(maps).toEqual([...[5, 4, 3, 2].map((frame) => [frame, 6]), [1, 4]]);
		expect(pointers.at(-1)).toEqual([1, 5]);
	});

	it('skips frames on which the object was not seen well, but for the one just before', () => {
		const bank = new MemoryBank({ ...rules, memory: 'seen' });
		bank.condition(0, memoryOf(0), true);
		for (const frame of range(1, 40)) {
			bank.write(frame, memoryOf(frame, frame > 20 ? 0 : 0.5));
			bank.pass(frame, false);
		}
		const { maps, pointers } = shown(bank.select(41, false));
		expect(maps).toEqual([[0, 6], [40, 0], ...range(20, 16).map((frame) => [frame, 21 - frame])]);
		expect(pointers).toEqual([[0, 41], [40, 1], ...range(20, 7).map((frame) => [frame, 22 - frame])]);
	});
});

describe('what a bank keeps', () => {
	it('is as much after three hundred frames as after fifty', () => {
		const few = bankOf([0], range(1, 50)).held;
		expect(bankOf([0], range(1, 300)).held).toEqual(few);
		expect(few.maps).toBeLessThanOrEqual(1 + 2 * 6);
		expect(few.pointers).toBeLessThanOrEqual(1 + 2 * 15);
	});

	it('is enough to go over corrected frames again, in the middle of what was tracked', () => {
		const bank = bankOf([0], range(1, 100));
		bank.condition(50, memoryOf(50), true);
		for (const frame of range(51, 70)) {
			bank.write(frame, memoryOf(frame));
			bank.pass(frame, false);
		}
		const { maps } = shown(bank.select(71, false));
		expect(maps.slice(2)).toEqual(range(70, 65).map((frame) => [frame, 70 - frame]));
	});

	it('holds confirmed frames only while they are among the nearest', () => {
		const bank = bankOf([0]);
		for (const frame of range(1, 300)) {
			if (frame % 16 === 0) bank.condition(frame, memoryOf(frame), false);
			else bank.write(frame, memoryOf(frame));
			bank.pass(frame, false);
		}
		const { maps } = shown(bank.select(301, false));
		expect(maps.slice(0, 4).map(([frame]) => frame)).toEqual([288, 272, 256, 240]);
		expect(bank.held.maps).toBeLessThanOrEqual(30);
	});

	it('loses the tracked frames around one that is corrected', () => {
		const bank = bankOf([0], range(1, 20));
		bank.forgetAround(12);
		expect(bank.held.maps).toBe(1 + 4 + 1);
		expect(bank.hasPassed(12)).toBe(true);
	});
});
