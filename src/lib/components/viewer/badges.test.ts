import { expect, it } from 'vitest';
import { badge, placeBadges } from './badges.ts';

const bounds = { width: 400, height: 300 };
const thing = (target: number, x: number, y: number, width = 100, height = 100) => ({
	target,
	scored: true,
	box: { x, y, width, height }
});

it('puts a badge above its thing, below where there is no room, else inside', () => {
	const above = placeBadges([thing(1, 50, 50)], bounds);
	expect(above).toEqual([{ target: 1, x: 71, y: 28, short: false }]);
	expect(placeBadges([thing(1, 50, 0)], bounds)[0]).toMatchObject({ y: 104 });
	expect(placeBadges([thing(1, 0, 0, 400, 300)], bounds)[0]).toMatchObject({ y: 4 });
});

it('covers no other badge: the number alone, another place, or none', () => {
	const places = placeBadges(
		[thing(1, 50, 50, 40, 20), thing(2, 95, 50, 40, 20), thing(3, 60, 50, 40, 20)],
		bounds
	);
	expect(places.map(({ target }) => target)).toEqual([1, 2, 3]);
	const boxes = places.map(({ x, y, short }) => [
		x,
		y,
		x + (short ? badge.shortWidth : badge.width),
		y + badge.height
	]);
	for (const [i, a] of boxes.entries()) {
		for (const b of boxes.slice(i + 1)) {
			expect(a[2]! <= b[0]! || b[2]! <= a[0]! || a[3]! <= b[1]! || b[3]! <= a[1]!).toBe(true);
		}
	}
	const crowd = Array.from({ length: 30 }, (_, index) => thing(index, 50, 50, 30, 30));
	expect(placeBadges(crowd, bounds).length).toBeLessThan(10);
});

it('takes less room where nobody knows how sure it is', () => {
	expect(placeBadges([{ ...thing(1, 50, 50), scored: false }], bounds)[0]).toMatchObject({
		x: 88,
		short: true
	});
});

it('leaves out what lies outside of the view', () => {
	expect(placeBadges([thing(1, 500, 50), thing(2, -200, 50)], bounds)).toEqual([]);
});
