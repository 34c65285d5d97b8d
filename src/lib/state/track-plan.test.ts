import { describe, expect, it } from 'vitest';
import { doneOf, planTracking, type TargetCourse } from './track-plan.ts';

const target = (id: number, course: Partial<TargetCourse> = {}): TargetCourse => ({
	...{ id, marked: [], tracked: [] },
	...course
});
const whole = [0, 9] as const;

describe('planTracking', () => {
	it('wants nothing of what it cannot follow', () => {
		expect(planTracking([target(1), target(2, { tracked: [[3, 5]] })], whole)).toEqual([]);
	});

	it('wants the whole range of targets that were never tracked, together', () => {
		const targets = [target(1, { marked: [3] }), target(2, { marked: [3, 5] }), target(3)];
		expect(planTracking(targets, whole)).toEqual([{ from: 0, to: 9, targets: [1, 2] }]);
		expect(planTracking(targets, [4, 6])).toEqual([{ from: 4, to: 6, targets: [1, 2] }]);
	});

	it('wants nothing again that is there', () => {
		expect(planTracking([target(1, { marked: [0], tracked: [[0, 9]] })], whole)).toEqual([]);
	});

	it('wants what is left of what was stopped: on the way forward first', () => {
		const stopped = target(1, { marked: [3], tracked: [[3, 5]] });
		expect(planTracking([stopped], whole)).toEqual([
			{ from: 6, to: 9, targets: [1] },
			{ from: 0, to: 2, targets: [1] }
		]);
	});

	it('wants a corrected target from the correction on, and no other', () => {
		const corrected = target(1, { marked: [0, 6], tracked: [[0, 9]], staleFrom: 6 });
		const other = target(2, { marked: [0], tracked: [[0, 9]] });
		expect(planTracking([corrected, other], whole)).toEqual([{ from: 6, to: 9, targets: [1] }]);
	});

	it('wants a new target beside one that is corrected', () => {
		const corrected = target(1, { marked: [0, 6], tracked: [[0, 9]], staleFrom: 6 });
		expect(planTracking([corrected, target(2, { marked: [0] })], whole)).toEqual([
			{ from: 0, to: 5, targets: [2] },
			{ from: 6, to: 9, targets: [1, 2] }
		]);
	});

	it('divides a range where another set of targets lacks masks, within it only', () => {
		const targets = [
			target(1, {
				marked: [0],
				tracked: [
					[0, 1],
					[4, 5],
					[11, 12]
				]
			}),
			target(2, { marked: [0], tracked: [[0, 3]] }),
			target(3, { marked: [0], tracked: [[0, 20]], staleFrom: 7 })
		];
		expect(planTracking(targets, whole)).toEqual([
			{ from: 2, to: 3, targets: [1] },
			{ from: 4, to: 5, targets: [2] },
			{ from: 6, to: 6, targets: [1, 2] },
			{ from: 7, to: 9, targets: [1, 2, 3] }
		]);
		expect(planTracking(targets, [12, 14])).toEqual([
			{ from: 12, to: 12, targets: [2, 3] },
			{ from: 13, to: 14, targets: [1, 2, 3] }
		]);
	});

	it('does not track a frame that is marked on both its sides', () => {
		const tracked = [[0, 3] as const, [5, 9] as const];
		expect(planTracking([target(1, { marked: [4], tracked })], whole)).toEqual([]);
		expect(planTracking([target(1, { marked: [0], tracked })], whole)).toEqual([
			{ from: 4, to: 4, targets: [1] }
		]);
	});
});

describe('doneOf', () => {
	const stretch = { from: 2, to: 8, targets: [1] };

	it('goes forward from the first frame that is known, then back', () => {
		expect(doneOf(stretch, 5, 0)).toEqual([]);
		expect(doneOf(stretch, 5, 2)).toEqual([[5, 6]]);
		expect(doneOf(stretch, 5, 6)).toEqual([
			[5, 8],
			[3, 4]
		]);
		expect(doneOf(stretch, 0, 3)).toEqual([[2, 4]]);
		expect(doneOf(stretch, 20, 3)).toEqual([[6, 8]]);
	});
});
