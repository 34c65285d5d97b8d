import { room } from './backdrops.ts';
import { drawPerson } from './person.ts';
import type { Scene } from './scene.ts';

/** A person with clear outlines who talks with the hands in front of a book shelf. */
export const plain: Scene = {
	id: 'plain',
	click: [0.02, 0.72],
	grain: 2,
	backdrop: (canvas) => room(canvas, 0xb9a88e),
	draw(canvas, time) {
		const sway = 0.02 * Math.sin(time * 1.7);
		const lift = 0.12 * Math.sin(time * 3.1);
		drawPerson(canvas, {
			head: [0.01 + sway, 0.27 + 0.004 * Math.sin(time * 4)],
			size: 0.24,
			skin: 0xe2b08c,
			hair: 0x3c2b22,
			clothes: 0x2f6f73,
			arms: [
				[
					[-0.68, 1.08],
					[-1.05, 1.95],
					[-0.75 - lift * 0.5, 2.45 + lift]
				],
				[
					[0.68, 1.08],
					[1.3, 1.75 - lift * 0.5],
					[1.45 + lift, 0.8 - lift]
				]
			]
		});
	}
};
